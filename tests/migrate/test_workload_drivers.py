"""Both applications on both drivers, through the whole way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.migrate.repairs import REPAIRS, needs_repair
from rently_db.synth.v0_workload import STATEMENTS, V0Application, WorkloadSummary, WorkloadThread, open_application
from tests.support.content import NEW_COLUMNS, Content, changes, content
from tests.support.migrations import chain, connect, downgrade, plain, rows, run_alembic, upgrade
from tests.support.v0_clients import (
    DirtyWrites,
    Opener,
    PreparedApplication,
    Preparing,
    psycopg2_prepared,
    psycopg3_dirty,
    psycopg3_prepared,
    starred_table,
    write_mapping,
)
from tests.support.v1_thread import V1Thread

CHAIN = chain()
STARS = {name for name in STATEMENTS if NEW_COLUMNS.get(starred_table(name) or "")}
"""The statements that say ``*`` of a table to which v1 adds columns."""


def _deploy(url: URL, *arguments: str) -> None:
    outcome = run_alembic(url, *arguments)
    assert outcome.code == 0, outcome.text


def _wait_for(done: Callable[[], bool], *, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "the workload did not get on"
        time.sleep(0.02)


def _prepared_on_server(application: V0Application) -> int:
    with application.connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT statement) FROM pg_prepared_statements")
        found = cursor.fetchone()
    # A ROLLBACK would make psycopg 3 forget them.
    application.connection.commit()
    assert found
    return int(found[0])


@pytest.mark.parametrize("opener", [psycopg2_prepared, psycopg3_prepared], ids=["psycopg2", "psycopg 3"])
def test_every_prepared_statement_works_at_every_revision(book_database: URL, opener: Opener):
    """A session that prepared the whole contract at v0 goes through all revisions; at most, a `SELECT *` is prepared again."""
    upgrade(book_database, "v0")
    application = opener(plain(book_database), 3)
    with closing(application.connection):
        application.round()
        assert _prepared_on_server(application) >= len(STATEMENTS), "or this test would say nothing"
        for move, revisions in ((upgrade, CHAIN[1:]), (downgrade, CHAIN[-2::-1])):
            for revision in revisions:
                move(book_database, revision)
                application.round()
                _as_written(book_database, application)
    if isinstance(application, PreparedApplication):
        # Columns come and go in one revision, v1_expand: once up, once down.
        assert application.again == dict.fromkeys(STARS, 2)
    else:
        # psycopg 3 forgets all its statements with the first that fails.
        assert sum(application.again.values()) == 2


def test_the_statements_that_new_columns_break_are_known():
    """`SELECT *`, alone or of one table of a join, and no statement that names its columns."""
    assert {"read_loan_all", "loan_by_number", "application_by_number", "parties_of_loan", "documents_of_entity"} <= STARS
    assert not {"read_loan", "loan_overview", "active_plan"} & STARS


@pytest.fixture
def at_work() -> Iterator[Callable[[list[Any]], None]]:
    """Starts threads, which are stopped at the end, however the test ends."""
    with ExitStack() as stack:

        def start(threads: list[Any]) -> None:
            for thread in threads:
                thread.start()
                stack.callback(thread.stop)

        yield start


def test_both_applications_on_both_drivers_through_the_whole_way(book_database: URL, tmp_path: Path, at_work: Callable[[list[Any]], None]):
    """v0 works all the way, v1 from `v1` on until the downgrade leaves it: nobody fails, and nothing committed is missing or changed."""
    mapping = write_mapping(tmp_path / "mapping.csv")
    v0 = [
        WorkloadThread(plain(book_database), seed, 0.5, opener)
        for seed, opener in enumerate((open_application, psycopg2_prepared, psycopg3_prepared, psycopg3_dirty), 1)
    ]
    at_work(v0)
    _one_more_round(v0)
    _deploy(book_database, "-x", f"mapping={mapping}", "upgrade", "v1")
    v1 = [V1Thread(book_database, first, driver) for first, driver in ((0, "psycopg2"), (6000, "psycopg"))]
    at_work(v1)
    _one_more_round(v0)
    _wait_for(lambda: all(thread.rounds >= 2 for thread in v1))
    if CHAIN[-1] != "v1":
        _deploy(book_database, "upgrade", "head")
    _all_repaired(book_database)
    if CHAIN[-1] != "v1":
        _deploy(book_database, "downgrade", "v1")
    for thread in v1:
        thread.stop()
    kept = _written_by(v1, content(book_database))
    _deploy(book_database, "downgrade", "v0")
    _one_more_round(v0)
    for thread in v0:
        _unbroken(thread.stop())
        _prepared_again_once_a_change(thread.application)
    assert [failure for thread in v1 for failure in thread.failures] == []
    _as_written(book_database, *(thread.application for thread in v0))
    _dirt_is_back(book_database, v0)
    _deploy(book_database, "-x", f"mapping={mapping}", "upgrade", "head")
    assert changes(kept, _written_by(v1, content(book_database))) == []
    _as_written(book_database, *(thread.application for thread in v0))
    _all_repaired(book_database)


def _one_more_round(threads: list[WorkloadThread]) -> None:
    done = [thread.summary().rounds for thread in threads]
    # One that failed fails the test at its end, with what it said.
    _wait_for(lambda: all(t.summary().failed or t.summary().rounds > before for t, before in zip(threads, done, strict=True)))


def _unbroken(summary: WorkloadSummary) -> None:
    assert summary.failures == ()
    assert summary.failed == 0


def _prepared_again_once_a_change(application: V0Application | None) -> None:
    """Each table's columns come in one moment and go in one: a prepared `SELECT *` of it was prepared again at most twice."""
    assert application is not None
    assert application.prepared_again <= 2
    if isinstance(application, Preparing):
        assert set(application.again) <= STARS
        assert max(application.again.values(), default=0) <= 2


def _written_by(threads: list[V1Thread], everything: Content) -> Content:
    keys = {str(key) for thread in threads for key in thread.written}
    found = {table: {key: row for key, row in there.items() if key in keys} for table, there in everything.items()}
    assert sum(len(there) for there in found.values()) == len(keys), "rows that v1 committed are missing"
    return found


def _as_written(url: URL, *applications: V0Application | None) -> None:
    """Every row that they committed is there as they wrote it, but for what a repair may change; asked in a session of its own."""
    for application in applications:
        assert application is not None
        reader = open_application(plain(url), 0)
        with closing(reader.connection):
            reader._rows = application._rows
            assert reader.differences() == []


def _dirty(threads: list[WorkloadThread]) -> list[DirtyWrites]:
    return [thread.application for thread in threads if isinstance(thread.application, DirtyWrites)]


def _dirt_is_back(url: URL, threads: list[WorkloadThread]) -> None:
    """At v0 every dirty value is there again, whichever revision it was written at."""
    [application] = _dirty(threads)
    assert {repair.name for repair, _ in application.dirt.values()} == {repair.name for repair in REPAIRS if not repair.derived}
    connection = connect(url)
    wrong = []
    with connection.cursor() as cursor:
        psycopg2.extras.register_uuid(conn_or_curs=connection)
        for (table, key), (repair, value) in application.dirt.items():
            cursor.execute(f"SELECT {repair.column} FROM {table} WHERE id = %s", (key,))
            found = cursor.fetchone()
            if found != (value,):
                wrong.append(f"{table} {key}: {repair.name}: {found} instead of {value!r}")
    connection.close()
    assert wrong == []


def _all_repaired(url: URL) -> None:
    """At head no row needs a repair any more, those included that were written this moment."""
    for table in dict.fromkeys(repair.table for repair in REPAIRS):
        assert rows(url, f"SELECT count(*) FROM {table} AS t WHERE {needs_repair(table, 't')}") == [(0,)], table
