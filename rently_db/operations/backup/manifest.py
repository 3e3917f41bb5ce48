"""The record beside a backup, ``FILE.json``: when and where it was taken, and what every table held at that moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rently_db.migrate.baseline import BaselineColumn
from rently_db.migrate.content import Content, Table
from rently_db.operations.backup.errors import BackupError, DamagedError

_FORMAT = 2
"""Goes up whenever the manifest, or the formula of a digest in it, changes."""
_CHUNK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    ``taken_at`` is the moment of its snapshot (aware, UTC); ``server_version`` is PostgreSQL's ``server_version_num``; ``revision`` is
    Alembic's, None for a database that was never under its control; ``rights`` (as PostgreSQL prints an access list) and ``settings``
    (role or None, ``name=value``) are those of the database itself, which a dump does not bring back by itself; ``size`` (bytes) and
    ``sha256`` are of the backup file.
    """

    taken_at: datetime
    server_version: int
    database: str
    revision: str | None
    encoding: str
    collate: str
    ctype: str
    rights: str | None
    settings: tuple[tuple[str | None, str], ...]
    tables: tuple[tuple[Table, Content], ...]
    size: int
    sha256: str

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(content.rows for _, content in self.tables)

    @property
    def contents(self) -> dict[str, Content]:
        """The measures by table label."""
        return {table.label: content for table, content in self.tables}

    def as_json(self) -> dict[str, Any]:
        """The file's content. Digests and sums are text: a JSON number would lose digits in most readers."""
        return {
            "format": _FORMAT,
            "taken_at": self.taken_at.isoformat(),
            "server_version": self.server_version,
            "database": self.database,
            "revision": self.revision,
            "encoding": self.encoding,
            "collate": self.collate,
            "ctype": self.ctype,
            "rights": self.rights,
            "settings": [{"role": role, "setting": setting} for role, setting in self.settings],
            "size": self.size,
            "sha256": self.sha256,
            "tables": [
                {
                    "schema": table.schema,
                    "name": table.name,
                    "columns": [{"name": column.name, "type": column.type} for column in table.columns],
                    **content_json(content),
                }
                for table, content in self.tables
            ],
        }

    def write(self, path: Path) -> None:
        """Write the record. Raises OSError."""
        path.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def content_json(content: Content) -> dict[str, Any]:
    """The measures of one table as JSON values."""
    return {
        "rows": content.rows,
        "digest": str(content.digest),
        "money": [{"column": column, "currency": currency, "sum": f"{amount:f}"} for (column, currency), amount in content.money.items()],
    }


def manifest_path(file: Path) -> Path:
    """Where the record of a backup file is."""
    return file.with_name(file.name + ".json")


def read_manifest(file: Path) -> Manifest:
    """The record of a backup file. Raises BackupError if file or record is not there, DamagedError if the record can't be read."""
    path = manifest_path(file)
    if not file.is_file():
        raise BackupError(f"there is no backup file {file}; give the name that rently-db backup was given")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupError(
            f"{path} is missing, which says what {file.name} must hold; copy it from where the backup was taken (the two belong together)"
        ) from None
    except (OSError, ValueError) as problem:
        raise DamagedError(f"{path} can't be read ({problem}); copy it again from where the backup was taken") from None
    try:
        if found["format"] != _FORMAT:
            raise BackupError(f"{path} is of format {found['format']}, this rently-db reads {_FORMAT}; use the version that wrote it")
        return _parsed(found)
    except (KeyError, TypeError, ValueError, ArithmeticError) as problem:
        raise DamagedError(
            f"{path} is not a complete record ({type(problem).__name__}: {problem}); copy it again from where the backup was taken"
        ) from None


def check_file(file: Path, manifest: Manifest, progress: Callable[[str, int, int | None], None]) -> None:
    """Read the whole file and compare it with its record. Raises DamagedError if a byte is missing, added or changed."""
    size = file.stat().st_size
    if size != manifest.size:
        raise DamagedError(f"{file} has {size:,} bytes, its record says {manifest.size:,}: it was cut off or changed; copy it again")
    if sha256(file, lambda done: progress("read", done, size)) != manifest.sha256:
        raise DamagedError(f"{file} is not the file that was written: its SHA-256 differs from its record; copy it again, or use another")


def sha256(file: Path, progress: Callable[[int], None] = lambda _: None) -> str:
    """The SHA-256 of a file in hexadecimal, without reading it into memory at once; ``progress`` gets the bytes read."""
    digest = hashlib.sha256()
    done = 0
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            progress(done)
    return digest.hexdigest()


def _parsed(found: dict[str, Any]) -> Manifest:
    tables = []
    for entry in found["tables"]:
        columns = tuple(BaselineColumn(str(column["name"]), str(column["type"])) for column in entry["columns"])
        money = {(str(part["column"]), part["currency"]): Decimal(part["sum"]) for part in entry["money"]}
        table = Table(str(entry["name"]), columns, str(entry["schema"]))
        tables.append((table, Content(int(entry["rows"]), int(entry["digest"]), money)))
    return Manifest(
        taken_at=datetime.fromisoformat(found["taken_at"]),
        server_version=int(found["server_version"]),
        database=str(found["database"]),
        revision=found["revision"],
        encoding=str(found["encoding"]),
        collate=str(found["collate"]),
        ctype=str(found["ctype"]),
        rights=found["rights"],
        settings=tuple((part["role"], str(part["setting"])) for part in found["settings"]),
        tables=tuple(tables),
        size=int(found["size"]),
        sha256=str(found["sha256"]),
    )
