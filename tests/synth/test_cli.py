"""`rently-db synth v0` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sqlalchemy import URL

from rently_db.synth.recipes import REPAIRED


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    code = f"import sys; sys.path[:0] = {sys.path!r}; from rently_db.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, "synth", "v0", *arguments], capture_output=True, text=True, check=False)


def test_a_dirty_book_and_its_list_of_defects(empty_database: URL, tmp_path: Path):
    """The command fills the database, prints what is in it, and lists the defects in a file; a second run is refused."""
    url, planted = empty_database.render_as_string(hide_password=False), tmp_path / "planted.json"
    done = run("--loans", "60", "--dirty", "--planted", str(planted), "--url", url)
    assert done.returncode == 0, done.stderr
    assert "payment_allocation" in done.stdout
    assert len(json.loads(planted.read_text())) == len(REPAIRED)
    again = run("--loans", "60", "--url", url)
    assert again.returncode == 2
    assert again.stderr.endswith(
        "rently-db: the database isn't empty (legal_entity, product, party and others hold rows): use an empty one\n"
    )


def test_mistakes_are_one_sentence(empty_database: URL, tmp_path: Path):
    """Too few loans, a file that can't be written, a server that isn't there: exit code 2, no traceback, nothing written."""
    url = empty_database.render_as_string(hide_password=False)
    for arguments, sentence in (
        (["--loans", "20", "--dirty", "--url", url], "dirty data need at least 50 loans"),
        (["--loans", "60", "--planted", str(tmp_path / "no" / "file"), "--url", url], "can't be written: No such file or directory"),
        (["--loans", "60", "--url", "postgresql://nobody@localhost:1/none"], "no server answers"),
    ):
        failed = run(*arguments)
        assert failed.returncode == 2
        assert sentence in failed.stderr
        assert "Traceback" not in failed.stderr
