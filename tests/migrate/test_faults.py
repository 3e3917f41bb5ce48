from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.server import Server, installed_server
from tests.support.books import Expected, found, leftovers, write_book
from tests.support.faults import Running, at_work, proxy, running, session, small_disk, until
from tests.support.looks import refusal
from tests.support.migrations import Outcome, connect, downgrade, rows, run_sql, upgrade

BUILD = r"^CREATE (UNIQUE )?INDEX CONCURRENTLY"
BATCH = r"^\s*(WITH|UPDATE|INSERT|DELETE)"
GOES_ON = "then run the same command again, it goes on from here"


@dataclass(frozen=True)
class Part:
    """A part of the way up, in which a long step is held up to break it."""

    before: str
    """The database to copy: at the revision before."""
    to: str
    statement: str
    """What the migration is doing while it is held up."""
    hold: Callable[[URL], AbstractContextManager[Any]]
    """Holds it up: the index build by an old snapshot, the batch by locks on the rows."""
    expected: Expected


class Site:
    """A server that may be broken, with a book of 60 loans at several revisions."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.parts: dict[str, Part] = {}

    def url(self, name: str, *, tcp: bool = False) -> URL:
        """The URL of a database."""
        return parse_url(self.server.url(name, tcp=tcp))

    def make(self, name: str, template: str, options: str = "") -> URL:
        """A fresh copy of a database."""
        run_sql(self.url("postgres"), f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        # A sequence in a fresh copy falls back in a crash, until there was a checkpoint.
        run_sql(self.url("postgres"), "CHECKPOINT")
        return self.url(name)


def old_snapshot(url: URL) -> AbstractContextManager[Any]:
    """Somebody who took a snapshot, locks nothing, and went away."""
    return session(url, "SELECT 1", isolation="REPEATABLE READ")


def locked_rows(url: URL) -> AbstractContextManager[Any]:
    """Somebody who holds on to the rows that the backfill repairs."""
    return session(url, *(f"SELECT FROM public.{table} FOR UPDATE" for table in ("party_role", "payment_instrument", "amortisation_line")))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The server, and what runs in peace leave on it."""
    version = os.environ.get("RENTLY_TEST_PG")
    with Server(installed_server(version) if version else None, tcp=True) as server:
        made = Site(server)
        run_sql(made.url("postgres"), "CREATE DATABASE v0")
        write_book(made.url("v0"), 60)
        before = "v0"
        for revision in ("v1_bridges", "v1_backfill", "v1_indexes", "v1_validate"):
            url = made.make(revision, before)
            upgrade(url, revision)
            if revision in ("v1_backfill", "v1_indexes"):
                hold = locked_rows if revision == "v1_backfill" else old_snapshot
                statement = BATCH if revision == "v1_backfill" else BUILD
                made.parts[revision] = Part(before, revision, statement, hold, found(url, "up"))
            before = revision
        yield made


@pytest.fixture(params=["v1_backfill", "v1_indexes"], ids=["batch", "index build"])
def part(site: Site, request: pytest.FixtureRequest) -> Part:
    """A step to break: a batch, or the concurrent build of an index."""
    return site.parts[request.param]


def failed(run: Running) -> str:
    """The one sentence of a run that failed, after checking that plain alembic exits with 255."""
    code = run.end()
    assert code == 255, run.text
    return refusal(Outcome(code, run.text, ""))


def goes_on(url: URL, part: Part) -> None:
    """The same command again, now that nothing is wrong: the result is that of a run in peace."""
    upgrade(url, part.to)
    assert found(url, "up") == part.expected
    assert leftovers(url) == []


def nothing_half_done(url: URL, *, crashed: bool = False) -> None:
    """No transaction is open any more, and the step that failed is not recorded as done; a server that crashed may forget that it began."""
    sessions = "SELECT query FROM pg_stat_activity WHERE application_name = 'rently_db' AND datname = current_database()"
    until(lambda: rows(url, sessions) == [], "the end of its sessions")
    (running,) = rows(url, "SELECT count(*), sum(rows_touched) FROM ops.migration_step WHERE state = 'running'")
    assert running == (1, 0) or (crashed and running == (0, None))


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("pg_terminate_backend", r"The connection was lost: see that the server runs, and ask who ended the session"),
        ("pg_cancel_backend", r"canceling statement due to user request.*An administrator or a time limit ended the statement"),
    ],
)
def test_an_administrator_ends_the_statement(site: Site, part: Part, function: str, sentence: str):
    """A statement that an administrator cancels, or whose session is ended, is an error that says so; the same command goes on."""
    url = site.make("victim", part.before)
    with part.hold(url), running(url, "upgrade", part.to, RENTLY_LOCK_BUDGET="600") as run:
        run_sql(url, f"SELECT {function}({at_work(url, part.statement)})")
        said = failed(run)
    assert re.search(sentence, said), said
    assert f"{part.to} (up), step" in said
    assert GOES_ON in said
    nothing_half_done(url)
    goes_on(url, part)


def test_the_server_is_stopped(site: Site, part: Part):
    """A server that stops in the midst of a step is an error that says so; when it is back, the same command goes on."""
    url = site.make("victim", part.before)
    with ExitStack() as stack:
        stack.enter_context(part.hold(url))
        run = stack.enter_context(running(url, "upgrade", part.to, RENTLY_LOCK_BUDGET="600"))
        at_work(url, part.statement)
        site.server.stop()
        said = failed(run)
        site.server.start()
    assert "The connection was lost: see that the server runs" in said
    assert GOES_ON in said
    nothing_half_done(url, crashed=True)
    goes_on(url, part)


def test_the_network_is_cut(site: Site, part: Part):
    """A connection that breaks without a word is an error that says so; the next run waits for what the server still does of the last."""
    url = site.make("victim", part.before)
    direct = site.url("victim", tcp=True)
    assert direct.port is not None
    with ExitStack() as stack:
        network = stack.enter_context(proxy(direct.port))
        through = direct.set(port=network.port)
        holding = stack.enter_context(part.hold(url))
        run = stack.enter_context(running(through, "upgrade", part.to, RENTLY_LOCK_BUDGET="600"))
        at_work(url, part.statement)
        network.cut()
        said = failed(run)
        assert str(direct.password) not in run.text
        # The server has not noticed: its session waits, and holds the deployment lock.
        with running(url, "upgrade", part.to) as next_run:
            until(lambda: "another deployment is working" in next_run.text, "the next run waits")
            holding.close()
            assert next_run.end() == 0, next_run.text
    assert "The connection was lost: see that the server runs" in said
    assert GOES_ON in said
    goes_on(url, part)


def test_the_disk_is_full(site: Site, part: Part):
    """A full disk is an error that says so and nothing of the step stays; once there is room, the same command goes on."""
    with small_disk(64) as disk:
        run_sql(site.url("postgres"), f"CREATE TABLESPACE small LOCATION '{disk.path}/space'")
        try:
            url = site.make("narrow", part.before, "TABLESPACE small")
            with part.hold(url) as holding, running(url, "upgrade", part.to) as run:
                at_work(url, part.statement)
                disk.fill()
                holding.rollback()
                said = failed(run)
            assert "No space left on device" in said
            assert "Make room on the server's disk" in said
            assert GOES_ON in said
            disk.make_room()
            goes_on(url, part)
        finally:
            run_sql(site.url("postgres"), "DROP DATABASE IF EXISTS narrow", "DROP TABLESPACE small")


IMPATIENT = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
    "transaction_timeout",
)
"""Settings of a role that are meant for applications."""
SINCE = {"idle_session_timeout": 140000, "transaction_timeout": 170000}
"""The server version in which a setting came."""


def test_timeouts_of_the_role_do_not_end_a_migration(site: Site):
    """A deploy role with the time limits of an application still deploys, although an index build has to wait longer than any of them."""
    part = site.parts["v1_indexes"]
    url = site.make("victim", part.before)
    version = int(rows(url, "SHOW server_version_num")[0][0])
    settings = [f"ALTER ROLE hasty SET {name} = '500ms'" for name in IMPATIENT if version >= SINCE.get(name, 0)]
    run_sql(url, "CREATE ROLE hasty SUPERUSER LOGIN", *settings)
    try:
        with old_snapshot(url) as holding, running(url.set(username="hasty"), "upgrade", part.to) as run:
            at_work(url, part.statement)
            time.sleep(1.5)  # longer than any of the limits
            holding.rollback()
            assert run.end() == 0, run.text
        assert found(url, "up") == part.expected
    finally:
        run_sql(url, "DROP OWNED BY hasty", "DROP ROLE hasty")


def others_get_through(url: URL) -> None:
    """Reads and writes of an application, none of which waits for a lock longer than the lock budget."""
    application = connect(url)
    try:
        with application.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
            for _ in range(30):
                cursor.execute("SELECT count(*) FROM public.loan")
                cursor.execute("UPDATE public.loan SET updated_at = updated_at WHERE id = (SELECT min(id::text)::uuid FROM public.loan)")
                time.sleep(0.05)
    finally:
        application.close()


WAITS = {
    "a lock": ("v1_indexes", "v1_validate", lambda url: session(url, "SELECT FROM public.loan LIMIT 1")),
    "an old snapshot": ("v1_backfill", "v1_indexes", old_snapshot),
}


@pytest.mark.parametrize("what", WAITS)
def test_a_session_idle_in_transaction_is_waited_for_and_named(site: Site, what: str):
    """Who keeps the migration waiting is named, with process and application; nobody else waits; when they end, it goes on by itself."""
    before, to, hold = WAITS[what]
    url = site.make("victim", before)
    with hold(url) as holding, running(url, "upgrade", to) as run:
        pid = holding.info.backend_pid
        until(lambda: re.search(rf"waits? for.*\b{pid}\b.*nightly report.*idle in transaction", run.text), f"process {pid} is named")
        remembered = "SELECT waiting_for FROM ops.migration_step WHERE waiting_for IS NOT NULL"
        assert f"process {pid} (nightly report" in until(lambda: rows(url, remembered), "the same in ops.migration_step")[0][0]
        others_get_through(url)
        assert run.process.poll() is None, run.text
        holding.rollback()
        assert run.end() == 0, run.text
    assert leftovers(url) == []
    assert rows(url, "SELECT version_num FROM ops.alembic_version") == [(to,)]


LOCK = (
    "SELECT l.pid FROM pg_locks AS l INNER JOIN pg_database AS d ON d.oid = l.database"
    " WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()"
)


def test_whoever_loses_the_deployment_lock_works_no_more(site: Site):
    """If the session that holds the deployment lock is ended, its deployment ends too: the one that waited never works beside it."""
    part = site.parts["v1_indexes"]
    url = site.make("victim", part.before)
    with old_snapshot(url) as holding, running(url, "upgrade", part.to) as first:
        at_work(url, part.statement)
        with running(url, "upgrade", part.to) as second:
            until(lambda: "another deployment is working" in second.text, "the second waits")
            [(holder,)] = rows(url, LOCK)
            run_sql(url, f"SELECT pg_terminate_backend({holder})")
            assert "The connection was lost" in failed(first)
            holding.rollback()
            assert second.end() == 0, second.text
    assert found(url, "up") == part.expected
    assert leftovers(url) == []


def test_a_deployment_that_is_killed_makes_room_for_the_next(site: Site):
    """Of two deployments at once one is killed: the other takes over, and finishes what the first began."""
    part = site.parts["v1_indexes"]
    url = site.make("victim", part.before)
    with old_snapshot(url) as holding, running(url, "upgrade", part.to) as first:
        at_work(url, part.statement)
        with running(url, "upgrade", part.to) as second:
            until(lambda: "another deployment is working" in second.text, "the second waits")
            first.process.kill()
            holding.rollback()
            assert second.end() == 0, second.text
    assert found(url, "up") == part.expected
    assert leftovers(url) == []


def test_two_rollbacks_at_once_both_arrive(site: Site):
    """Two pipelines that roll back at the same time don't break it: one works, the other waits and finds it done."""
    url = site.make("victim", "v1_validate")
    peace = site.make("peace", "v1_validate")
    with running(url, "downgrade", "v0") as first, running(url, "downgrade", "v0") as second:
        downgrade(peace)
        codes = (first.end(), second.end())
        assert codes == (0, 0), first.text + second.text
        assert (first.text + second.text).count("v1_expand (down)") == 1
    assert found(url, "down") == found(peace, "down")
    assert leftovers(url) == []
