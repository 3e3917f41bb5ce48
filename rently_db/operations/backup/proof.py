"""What became of the last proof of a backup, ``FILE.verified.json``: kept beside it for whoever must show that it restores."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rently_db.operations.backup.restoring import Restored


@dataclass(frozen=True, slots=True)
class Proof:
    """When the backup of this SHA-256 was restored and compared, and whether every table was what was backed up."""

    verified_at: datetime
    ok: bool
    sha256: str
    tables: int
    rows: int
    differences: tuple[str, ...]
    problems: tuple[str, ...]


def proof_path(file: Path) -> Path:
    """Where the last proof of a backup file is kept."""
    return file.with_name(file.name + ".verified.json")


def keep_proof(file: Path, restored: Restored) -> str | None:
    """Keep what a verification came to; gives why it can't be kept, which makes the verification no worse."""
    manifest = restored.manifest
    proof = Proof(
        datetime.now(UTC),
        restored.complete,
        manifest.sha256,
        len(restored.found),
        sum(content.rows for content in restored.found.values()),
        tuple(str(one) for one in restored.differences),
        restored.problems,
    )
    path = proof_path(file)
    part = path.with_name(path.name + ".part")
    try:
        part.touch(mode=0o600)
        part.write_text(
            json.dumps({**asdict(proof), "verified_at": proof.verified_at.isoformat()}, indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
        part.rename(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        return f"that it was verified can't be written to {path}: {problem.strerror or os.strerror(problem.errno or 0)}"
    return None


def forget_proof(file: Path) -> None:
    """A file that turned out to be damaged is proven no more."""
    try:
        proof_path(file).unlink(missing_ok=True)
    except OSError:
        return


def read_proof(file: Path) -> Proof | None:
    """The last proof; None if there is none, or what is there is none of ours."""
    try:
        found = json.loads(proof_path(file).read_text(encoding="utf-8"))
        return Proof(
            datetime.fromisoformat(found["verified_at"]),
            bool(found["ok"]),
            str(found["sha256"]),
            int(found["tables"]),
            int(found["rows"]),
            tuple(found["differences"]),
            tuple(found["problems"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
