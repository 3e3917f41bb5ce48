"""The runbook does what it shows, and every command that the pages name works."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL

from docs.operations import PAGE as OPERATIONS
from docs.runbook import PAGE, Entry, Stage, entries, script
from rently_db.server import client_tool
from rently_db.testing.databases import Databases
from tests.support.migrations import ROOT, plain

PAGES = [ROOT / "README.md", PAGE, OPERATIONS, ROOT / "docs" / "migrations.md"]
RUN = [event.command for event in script(PAGE.read_text(encoding="utf-8")) if isinstance(event, Entry)]
RUN_THERE = [event.command for event in script(OPERATIONS.read_text(encoding="utf-8")) if isinstance(event, Entry)]
"""What tests/test_docs_operations.py runs."""
MIGRATED = re.compile(r"downgrade v0|downgrade base|rollback|status|current|ALTER DATABASE|validate|access")
"""Commands that are tried on a database at v1; the others begin at v0."""
REFUSED = {
    "alembic downgrade base": (255, "would drop the tables of v0"),
    "rently-db freeze REVISION": (2, "is deployed at production"),
}
"""What a page says is refused -> the exit code, and a part of the message."""


def test_the_runbook_does_what_it_shows():
    """From doctor to the restored backup: every command ends as the page says and prints what stands there; no application fails."""
    page = PAGE.read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    with Stage() as stage:
        for event in script(page):
            if isinstance(event, str):
                stage.scene(event)
            elif differences := stage.run(event.command).differences(event):
                found[event.command] = differences
        stage.v0_stops()
        assert not found, "make transcripts, and read what it changes:\n" + "\n".join(f"{name}: {found[name]}" for name in found)
        assert [summary.failures for summary in stage.v0] == [()] * len(stage.v0)
        assert sum(summary.writes for summary in stage.v0) > 0
        assert [clerk.failures for clerk in stage.v1] == [[]]
        assert stage.v1[0].rounds > 0


@pytest.mark.parametrize(
    ("printed", "differs"),
    [
        ("retries  3\n│ loan │ 1,250 │ equal │", False),
        ("15:37:20 measured: 1 of 98\nretries  3\n│ loan │ 1,250 │ equal │", False),
        ("retries  0\n│ loan │ 7 │ DIFFERENT │", True),
        ("retries  0\n│ loan │ 7 │ equal │\nnot explained: loan", True),
        ("│ loan │ 7 │ equal │", True),
        ("retries  0\n│ loan │ 7 │ equal │\n[exit code 1]", True),
    ],
)
def test_a_transcript_is_stale_when_more_than_figures_changed(printed: str, differs: bool):
    """Other figures and widths are no change; another word, a line more or less, another exit code are."""
    page = Entry("rently-db status", "retries  0\n│ loan  │    99 │ equal │")
    assert bool(Entry("rently-db status", printed).differences(page)) is differs


def test_a_long_output_is_shortened_in_the_page_and_still_compared():
    """The middle of a long output is left out of the page; what stands there must still be printed."""
    long = Entry("rently-db preflight", "\n".join(["first word", *(f"line {n}" for n in range(200)), "the verdict"]))
    (short,) = entries(long.text())
    assert len(short.shown.splitlines()) < 40
    assert long.differences(short) == []
    assert Entry(long.command, long.shown.replace("verdict", "end")).differences(short)


def test_every_scene_and_no_command_in_between_is_forgotten():
    """The page's comments name scenes that exist, and each command block is one that the test runs."""
    page = PAGE.read_text(encoding="utf-8")
    scenes = [event for event in script(page) if isinstance(event, str)]
    assert set(scenes) == set(Stage.scenes)
    assert len(RUN) == len(re.findall(r"^\$ ", page, re.MULTILINE))


def test_the_runbook_names_every_command():
    """Each command of rently-db for a live database has its place in the runbook, among the operations, or on the page of dashboards."""
    of_developers = {"catalog", "dashboards", "demo", "freeze", "new", "server", "synth"}
    other_names = {"alembic", "upgrade"}  # of what stands there as alembic itself and as migrate
    others = of_developers | other_names | {"--init--", "completing", "conduct", "exit-codes"}
    commands = {path.stem.replace("_", "-") for path in (ROOT / "rently_db" / "cli").glob("*.py")} - others
    assert commands <= {name for command in (*RUN, *RUN_THERE) for name in re.findall(r"\brently-db ([a-z-]+)", command)}


def named(path: Path) -> list[str]:
    """The commands that a page names in passing: inline code, SQL, and `$` lines outside of the runbook's own blocks."""
    text = re.sub(r"<!-- transcript: .*?<!-- /transcript -->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = re.findall(r"^\$ (.+)$", text, re.MULTILINE) if path not in (PAGE, OPERATIONS) else []
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))
    queries = re.findall(r"^```sql\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)
    command = re.compile(r"(RENTLY_\w+=\S+ )?(alembic|rently-db) [-\w]|SELECT .+ FROM|ALTER DATABASE", re.DOTALL)
    return [found for found in (*lines, *inline, *queries) if command.match(found)]


def is_run(command: str) -> bool:
    """Whether the runbook runs a command: the same one, or one that goes on after it, with a value for each word in capitals."""
    pattern = re.sub(r"\b(FILE|URL)\b", r"\\S+", re.escape(command))
    return any(re.match(rf"{pattern}(?=\s|$)", other) for other in (*RUN, *RUN_THERE))


NAMED = sorted({command for path in PAGES for command in named(path) if not is_run(command)})
"""What the runbook does not run itself."""


@pytest.fixture
def target(request: pytest.FixtureRequest, databases: Databases, command: str) -> Iterator[URL]:
    """A database of 60 loans to try a command on, at v0 or at v1."""
    fixture = "empty_database" if "synth" in command else "v1_book" if MIGRATED.search(command) or "SELECT" in command else "book_database"
    return request.getfixturevalue(fixture)


@pytest.mark.parametrize("command", NAMED)
def test_a_command_named_in_passing_works(command: str, target: URL, tmp_path: Path):
    """Whoever copies a command out of a sentence gets what the sentence says: it works, or it is refused as the page says."""
    (tmp_path / "mapping.csv").write_text("table,column,from,to\n", encoding="utf-8")
    if command.startswith(("SELECT", "ALTER")):
        sql = command.replace("DATABASE rently ", f'DATABASE "{target.database}" ')
        connection = psycopg2.connect(plain(target))
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
        finally:
            connection.close()
        return
    done = subprocess.run(
        ["bash", "-c", as_typed(command, target)],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:{client_tool('psql').parent}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "RENTLY_DATABASE_URL": plain(target),
            "ALEMBIC_CONFIG": str(ROOT / "alembic.ini"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    code, message = REFUSED.get(command, (0, ""))
    assert done.returncode == code, done.stdout + done.stderr
    assert message in done.stdout + done.stderr


def as_typed(command: str, target: URL) -> str:
    """The command with values where the page has words for them."""
    for word, value in {
        "FILE": "mapping.csv",
        "REVISION": "v1_expand",
        "NAME": "loan_state",
        "COMMAND": "migrate",
        "50000": "60",
        "=N": "=7",
        " N": " 7",
    }.items():
        command = command.replace(word, value)
    return re.sub(r"\bURL\b|postgresql://\S+", plain(target), command)
