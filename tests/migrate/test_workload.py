from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import psycopg2
import psycopg2.extras
import pytest
from sqlalchemy import URL

from rently_db.synth.v0_workload import V0Application, WorkloadSummary, WorkloadThread
from tests.support.databases import Databases
from tests.support.migrations import chain, downgrade, plain, rows, upgrade
from tests.support.v1_application import V1Thread

CHAIN = chain()
LOCK_BUDGET_MS = 1000
"""What a v0 application may wait, by the default of RENTLY_LOCK_BUDGET."""


@pytest.fixture(params=["a book of 60 loans", "no rows"])
def v0_database(request: pytest.FixtureRequest, databases: Databases, book_template: str) -> Iterator[URL]:
    """A v0 database with rows, and a fresh one."""
    with databases.database(template=book_template if "loans" in request.param else None) as url:
        upgrade(url, "v0")
        yield url


def _wait_for(done: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "the workload did not get on"
        time.sleep(0.02)


def _unbroken(summary: WorkloadSummary) -> None:
    assert summary.failures == ()
    assert summary.failed == 0
    # Each revision that changes the columns of loan costs the one prepared SELECT * one new PREPARE, no more.
    assert summary.prepared_again <= 2 * len(CHAIN)


def test_every_statement_works_at_every_revision(v0_database: URL):
    """The whole contract runs green, in one session that lives through it all, at each revision on the way up and on the way down."""
    connection = psycopg2.connect(plain(v0_database))
    application = V0Application(connection)
    application.round()
    for revision in CHAIN[1:]:
        upgrade(v0_database, revision)
        application.round()
        assert application.differences() == [], revision
    for revision in reversed(CHAIN[:-1]):
        downgrade(v0_database, revision)
        application.round()
        assert application.differences() == [], revision
    # Columns of loan appear and go in v1_expand alone, but for a new session nothing would have to be prepared at all.
    assert 1 <= application.prepared_again <= 2
    connection.close()


@pytest.mark.parametrize("revision", CHAIN[1:])
def test_a_session_that_begins_at_a_revision(v0_database: URL, revision: str):
    """A v0 application that is deployed halfway, or back at head, works at once, and still does when the rest of v1 is taken away."""
    upgrade(v0_database, revision)
    connection = psycopg2.connect(plain(v0_database))
    application = V0Application(connection, seed=7)
    for _ in range(2):
        application.round()
    downgrade(v0_database)
    assert application.differences() == []
    application.round()
    assert application.differences() == []
    connection.close()


def test_v0_works_while_the_schema_goes_up_and_down(v0_database: URL):
    """Two v0 applications that write all the time notice neither the upgrade nor the rollback; nothing they wrote is missing or changed."""
    threads = [WorkloadThread(plain(v0_database), seed=seed) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for move in (upgrade, downgrade):
        begun = [thread.summary().rounds for thread in threads]
        _wait_for(lambda begun=begun: all(t.summary().rounds > n for t, n in zip(threads, begun, strict=True)))
        move(v0_database)
        begun = [thread.summary().rounds for thread in threads]
        _wait_for(lambda begun=begun: all(t.summary().rounds > n for t, n in zip(threads, begun, strict=True)))
    for thread in threads:
        summary = thread.stop()
        _unbroken(summary)
        assert summary.longest_wait_ms < LOCK_BUDGET_MS, summary.slowest_ms
    _nothing_lost(v0_database, threads)


def test_what_v0_wrote_during_an_upgrade_is_at_head(v0_database: URL):
    """Rows that arrive while the migration runs are at head as they were written, and after a rollback again, dirty values included."""
    thread = WorkloadThread(plain(v0_database), seed=1)
    thread.start()
    _wait_for(lambda: thread.summary().rounds >= 1)
    upgrade(v0_database)
    _wait_for(lambda: thread.summary().rounds >= 2)
    _unbroken(thread.stop())
    _nothing_lost(v0_database, [thread])
    downgrade(v0_database)
    _nothing_lost(v0_database, [thread])
    spelt = rows(v0_database, "SELECT count(*) FROM payment WHERE status <> btrim(status) OR status IS NULL")
    assert spelt >= [(2,)]


def test_both_applications_side_by_side(head_database: URL):
    """At head v0 and v1 applications write to the same tables at once; neither is in the other's way."""
    old = [WorkloadThread(plain(head_database), seed=seed) for seed in (1, 2)]
    new = [V1Thread(head_database, first_serial=first) for first in (0, 300)]
    for thread in [*old, *new]:
        thread.start()
    _wait_for(lambda: all(thread.summary().rounds >= 3 for thread in old) and all(thread.rounds >= 3 for thread in new))
    for thread in new:
        thread.stop()
    for thread in old:
        _unbroken(thread.stop())
    assert [failure for thread in new for failure in thread.failures] == []
    _nothing_lost(head_database, old)
    downgrade(head_database)
    _nothing_lost(head_database, old)


def _nothing_lost(url: URL, threads: list[WorkloadThread]) -> None:
    """Every row that the threads committed is there as they wrote it."""
    for thread in threads:
        assert thread.application is not None
        connection = psycopg2.connect(plain(url))
        try:
            psycopg2.extras.register_uuid(conn_or_curs=connection)
            thread.application.connection = connection
            assert thread.application.differences() == []
        finally:
            connection.close()
