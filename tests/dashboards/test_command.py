"""`rently-db dashboards`, as docs/dashboards.md shows it."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from docs.dashboards import PAGE, take_pictures
from rently_db.cli import app, main
from rently_db.dashboards import DASHBOARDS
from rently_db.dashboards.bundle import bundle, zipped
from tests.support.migrations import plain


def run(*arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["dashboards", *arguments], catch_exceptions=False, env={"COLUMNS": "80"})


def test_the_page_names_commands_that_there_are(demonstration: URL, tmp_path: Path):
    """Every command line of the page works; make superset is what tests/superset does."""
    lines = re.findall(r"^\$ (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert "make superset" in lines
    tried = [line for line in lines if line.startswith("rently-db dashboards ")]
    assert len(tried) == 2
    for line in tried:
        words = line.replace("postgresql://user@host/rently", plain(demonstration)).split()[2:]
        words = [str(tmp_path / word) if word.endswith(".zip") else word for word in words]
        result = run(*words)
        assert result.exit_code == 0, result.output


def test_the_list_says_who_reads_what():
    """One line a dashboard on a terminal of 80 columns; everything with --json."""
    result = run("list")
    assert all(dashboard.title in result.stdout for dashboard in DASHBOARDS)
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    shown = json.loads(run("list", "--json").stdout)
    assert [each["key"] for each in shown] == [dashboard.key for dashboard in DASHBOARDS]
    assert sum(len(each["panels"]) for each in shown) == sum(len(dashboard.panels) for dashboard in DASHBOARDS)


def test_a_bundle_is_an_archive_or_a_folder(tmp_path: Path):
    """The archive is what Superset imports, the folder what a reviewer reads; both hold the same."""
    archive, folder = tmp_path / "b.zip", tmp_path / "b"
    assert run("bundle", str(archive)).exit_code == run("bundle", str(folder)).exit_code == 0
    assert archive.read_bytes() == zipped(bundle())
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            assert opened.read(name) == (folder / name.removeprefix("rently/")).read_bytes()


def test_a_bundle_that_can_not_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A folder that is a file is the user's to mend: one sentence, exit code 2."""
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("sys.argv", ["rently-db", "dashboards", "bundle", str(tmp_path / "file" / "b.zip")])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "can't be written" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Who names a wrong server gets the masked address and no traceback."""
    monkeypatch.setattr("sys.argv", ["rently-db", "dashboards", "check", "postgresql://me:secret@127.0.0.1:1/x"])
    with pytest.raises(SystemExit, match="2"):
        main()
    said = capsys.readouterr().err
    assert "secret" not in said
    assert len(said.strip().splitlines()) == 1


def test_pictures_are_those_of_the_administrator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Of the pictures that the tests leave, the docs take one a dashboard."""
    for dashboard in DASHBOARDS:
        (tmp_path / f"{dashboard.number:02}-{dashboard.key}.png").write_bytes(dashboard.key.encode())
        (tmp_path / f"{dashboard.number:02}-{dashboard.key}-risk.png").write_bytes(b"another's")
    monkeypatch.setattr("docs.dashboards.PICTURES", tmp_path / "kept")
    assert take_pictures(tmp_path) == len(DASHBOARDS)
    assert {path.stem: path.read_text() for path in (tmp_path / "kept").iterdir()} == {d.key: d.key for d in DASHBOARDS}
