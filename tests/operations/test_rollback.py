"""`rently-db rollback`: asks first, gives v0 back byte for byte, and goes on where it was stopped."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.support.commands import COMMAND, PATIENCE_SECONDS, answer, ended, looked, old_snapshot, rently_db, running, until, waits
from tests.support.looks import nothing_changes, v1_content
from tests.support.migrations import HEAD, ROOT, connect, dump, plain, run_alembic, upgrade, v0_content


@pytest.fixture(scope="module")
def original(databases: Databases, book_template: str) -> Iterator[tuple[str, dict]]:
    """Schema and rows of the book as v0."""
    with databases.database(template=book_template) as url:
        yield dump(url), v0_content(url)


def with_terminal(url: URL, answer: str) -> tuple[int, str]:
    """The command on a terminal where somebody types that answer; its exit code, and what the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*COMMAND, "rollback", plain(url)], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ})
    os.close(theirs)
    os.write(ours, answer.encode() + b"\n")
    shown = b""
    try:
        while piece := os.read(ours, 65_536):
            shown += piece
    except OSError:
        pass  # Linux' way to say that the last writer has gone
    os.close(ours)
    return process.wait(PATIENCE_SECONDS), shown.decode()


def test_v0_is_back_byte_for_byte_and_every_row_is_accounted_for(v1_book: URL, original: tuple[str, dict]):
    """After the rollback schema and rows are those of before the upgrade; the outcome says so, and a second rollback has nothing to do."""
    outcome = answer(v1_book, "rollback", "--yes")
    assert (outcome["outcome"], outcome["direction"], outcome["from"], outcome["to"]) == ("done", "down", HEAD, "v0")
    assert all(account["closes"] for account in outcome["accounts"])
    assert len(outcome["accounts"]) == 20
    assert (dump(v1_book), v0_content(v1_book)) == original
    again = rently_db(v1_book, "rollback")
    assert (again.code, again.stdout) == (0, "already at v0: nothing to do\n")


def test_without_a_terminal_and_without_yes_nothing_happens_but_it_says_what_would(v1_book: URL):
    """A pipeline that forgot --yes gets exit code 2; whoever reads its log sees the steps and the applications that are connected."""
    other = connect(v1_book)
    with other.cursor() as cursor:
        cursor.execute("SET application_name = 'loans-api v1'")
    before = (dump(v1_book), v1_content(v1_book))
    said = rently_db(v1_book, "rollback")
    assert (dump(v1_book), v1_content(v1_book)) == before
    other.close()
    assert said.code == 2
    assert "with --yes. Nothing was changed." in said.stderr
    assert f"goes back from {HEAD} to v0" in said.stderr
    assert "v1's applications must have stopped" in said.stderr
    assert "loans-api v1" in said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize(("typed", "code", "revision"), [("n", 2, HEAD), ("\x03", 2, HEAD), ("y", 0, "v0")])
def test_on_a_terminal_it_asks(v1_book: URL, typed: str, code: int, revision: str):
    """Only a yes goes back; a no, and Ctrl-C, leave everything as it is."""
    exit_code, shown = with_terminal(v1_book, typed)
    assert exit_code == code, shown
    assert "Go back to v0 now?" in shown
    assert looked(v1_book)["revision"] == revision


def test_stopped_on_the_way_it_goes_on(v1_book: URL, original: tuple[str, dict]):
    """SIGTERM in the middle: exit code 3, status names the command that goes on, and that command brings v0 back."""
    with old_snapshot(v1_book, "SELECT FROM public.loan LIMIT 1"):
        with running(v1_book, "rollback", "--yes") as process:
            until(lambda: waits(v1_book), "a rollback that waits for a lock on loan")
            process.send_signal(signal.SIGTERM)
            said = ended(process)
        assert said.code == 3
        assert "the same command goes on from there" in said.stderr
    assert looked(v1_book)["unfinished"] == "rently-db rollback"
    assert answer(v1_book, "rollback", "--yes")["to"] == "v0"
    assert (dump(v1_book), v0_content(v1_book)) == original


def test_an_upgrade_that_was_stopped_in_its_first_revision_can_be_rolled_back(book_database: URL, original: tuple[str, dict]):
    """At v0 with half a revision on top, rollback has something to do: it takes that half away."""
    with old_snapshot(book_database), running(book_database, "migrate") as process:
        until(lambda: waits(book_database), "a migration that waits")
        process.kill()
        ended(process)
    outcome = answer(book_database, "rollback", "--yes")
    assert (outcome["outcome"], outcome["to"]) == ("done", "v0")
    assert (dump(book_database), v0_content(book_database)) == original


def test_the_script_is_alembics():
    """--script prints what alembic downgrade head:v0 --sql prints, needs no database, and nothing else is on stdout."""
    said = rently_db(None, "rollback", "--script")
    assert said.code == 0
    assert said.stdout == run_alembic(None, "downgrade", "head:v0", "--sql").stdout
    assert "DROP" in said.stdout


def test_a_database_that_was_never_migrated_is_refused(book_database: URL):
    """A v0 that nobody adopted has no way back to v0: perhaps the URL is wrong."""
    with nothing_changes(book_database):
        said = rently_db(book_database, "rollback", "--yes")
    assert said.code == 2
    assert "not under migration" in said.stderr


def test_what_v1_learnt_comes_back_with_the_next_migration(v1_book: URL):
    """The commands are the same work as Alembic's: rolled back by one, upgraded by the other, the records are one."""
    assert rently_db(v1_book, "rollback", "--yes").code == 0
    upgrade(v1_book)
    found = looked(v1_book)
    assert [run["direction"] for run in found["runs"]][:2] == ["up", "down"]
    assert found["revision"] == HEAD
