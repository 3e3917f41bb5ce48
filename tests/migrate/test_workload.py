from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import psycopg2
import psycopg2.extras
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from rently_db.migrate.revision import down_actions, up_actions
from rently_db.packaged import revisions
from rently_db.synth.v0_workload import V0Application, WorkloadSummary, WorkloadThread
from rently_db.testing.databases import Databases
from tests.support.content import NEW_COLUMNS
from tests.support.migrations import alembic_config, downgrade, plain, upgrade
from tests.support.v1_thread import V1Thread

CHAIN = revisions()


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
    # A prepared SELECT * is prepared again when the columns of loan changed; they come and go one by one.
    assert summary.prepared_again <= 2 * len(NEW_COLUMNS["loan"])


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
    # Columns of loan come and go in v1_expand alone.
    assert application.prepared_again == 2
    connection.close()


@pytest.mark.parametrize("revision", CHAIN[1:])
def test_a_session_that_begins_at_a_revision(book_database: URL, revision: str):
    """A v0 application that is deployed halfway, or back at head, works at once, and still does when the rest of v1 is taken away."""
    upgrade(book_database, revision)
    connection = psycopg2.connect(plain(book_database))
    application = V0Application(connection, seed=7)
    for _ in range(2):
        application.round()
    downgrade(book_database)
    assert application.differences() == []
    application.round()
    assert application.differences() == []
    connection.close()


def test_a_status_never_opens_where_none_is_closed():
    """Triggers come and go one by one while v0 changes statuses: what ends a period is there whenever something begins one."""
    script = ScriptDirectory.from_config(alembic_config(URL.create("postgresql")))
    steps = script.get_revision("v1_bridges").module.steps()
    for actions, order in ((up_actions(steps), 1), (down_actions(steps), -1)):
        titles = [action.title for action in actions if "status" in action.title and "trigger" in action.title]
        assert len(titles) == 3, [action.title for action in actions]
        assert "keep_status_history" in titles[::order][0]


def test_both_applications_side_by_side(head_database: URL):
    """At head v0 and v1 applications write to the same tables at once; neither is in the other's way."""
    old = [WorkloadThread(plain(head_database), seed=seed) for seed in (1, 2)]
    new = [V1Thread(head_database, first_serial=first) for first in (0, 6000)]
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
