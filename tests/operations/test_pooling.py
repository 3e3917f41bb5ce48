"""Migrations through poolers: the real pgbouncer in session mode works, its other modes are refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
from alembic.util import CommandError
from sqlalchemy import URL, text

from rently_db.database import DatabaseUrlError, PoolerError, make_engine
from rently_db.migrate.pooling import Pooling, bare_connection, check_pooling, pooling
from tests.support.looks import nothing_changes, refusal, with_password
from tests.support.migrations import HEAD, plain, rows, run_alembic
from tests.support.pgbouncer import pgbouncer

DRIVERS = ["postgresql+psycopg2", "postgresql+psycopg"]
SETTINGS = "SELECT current_setting('TimeZone'), current_setting('statement_timeout'), current_setting('work_mem')"


def found(url: URL) -> Pooling:
    """What stands between us and the database of this URL."""
    engine = make_engine(url)
    return pooling(lambda: bare_connection(engine))


@contextmanager
def busy(url: URL, clients: int) -> Iterator[None]:
    """Other clients that run short transactions all the while."""
    stop = threading.Event()

    def work() -> None:
        with closing(psycopg2.connect(plain(url))) as connection:
            while not stop.is_set():
                with connection, connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM generate_series(1, 2000)")

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


MODES = {
    "a quiet session pool": ("session", {}, 0, Pooling.SESSION),
    "a busy session pool": ("session", {"default_pool_size": 6}, 4, Pooling.SESSION),
    "a quiet transaction pool": ("transaction", {}, 0, Pooling.TRANSACTION),
    "a transaction pool of one": ("transaction", {"default_pool_size": 1}, 0, Pooling.TRANSACTION),
    "a busy transaction pool": ("transaction", {"default_pool_size": 4}, 6, Pooling.TRANSACTION),
    "a transaction pool that goes round": ("transaction", {"server_round_robin": 1, "min_pool_size": 4}, 0, Pooling.TRANSACTION),
    "a statement pool": ("statement", {}, 0, Pooling.STATEMENT),
}


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", MODES)
def test_the_mode_of_a_pooler_is_found_out(empty_database: URL, name: str, driver: str):
    """Whether a session is ours is certain, however many others use the pool; nobody need ask the pooler's administrator."""
    mode, settings, clients, expected = MODES[name]
    with pgbouncer(empty_database.set(drivername=driver), mode, **settings) as url, busy(url, clients):
        assert found(url) is expected
        engine = make_engine(url)
        if expected is Pooling.SESSION:
            check_pooling(engine)
        else:
            with pytest.raises(
                CommandError, match=rf"in {mode} mode, .* connect to PostgreSQL itself, or to a pool with pool_mode=session$"
            ):
                check_pooling(engine)


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_direct_connection_is_known_as_one(empty_database: URL, driver: str):
    """Without a pooler there is nothing to refuse."""
    url = empty_database.set(drivername=driver)
    assert found(url) is Pooling.NONE
    check_pooling(make_engine(url))


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("settings", [{}, {"ignore_startup_parameters": "options"}], ids=["refuses options", "ignores options"])
def test_our_settings_are_in_force_through_a_session_pool(
    empty_database: URL, driver: str, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    """A pooler that refuses or drops start-up options costs nobody UTC, the timeouts of a deployment, or PGOPTIONS; a rollback neither."""
    monkeypatch.setenv("PGOPTIONS", "--work-mem=5MB -c statement_timeout=7s -c TimeZone=Asia/Tokyo")
    with pgbouncer(empty_database.set(drivername=driver), "session", **settings) as url:
        seen = []
        for arguments in ({}, {"options": r"-c statement_timeout=0 -cwork_mem=6\MB"}):
            engine = make_engine(url, connect_args=arguments)
            with engine.connect() as connection:
                connection.rollback()
                seen.append(tuple(connection.execute(text(SETTINGS)).one()))
            engine.dispose()
    assert seen == [("UTC", "7s", "5MB"), ("UTC", "0", "6MB")]


@pytest.mark.parametrize("settings", [{}, {"ignore_startup_parameters": "options"}], ids=["refuses options", "ignores options"])
def test_no_session_of_others_gets_our_settings(empty_database: URL, settings: dict[str, str]):
    """Through a pool in transaction mode nothing is set, for an application would get that session next; connecting is refused."""
    with pgbouncer(empty_database, "transaction", default_pool_size=1, **settings) as url:
        with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
            cursor.execute(SETTINGS)
            before = cursor.fetchall()
        engine = make_engine(with_password(url), connect_args={"options": "-c statement_timeout=7s -c work_mem=7MB"})
        with pytest.raises(PoolerError, match=r"u?\*\*\*@.* in transaction mode"):
            engine.connect()
        looking = make_engine(url, connect_args={"options": "-c statement_timeout=7s"}, shared_sessions=True)
        with looking.connect() as connection:
            assert connection.scalar(text("SHOW statement_timeout")) == "0"
        looking.dispose()
        with closing(psycopg2.connect(plain(url))) as connection, connection.cursor() as cursor:
            cursor.execute(SETTINGS)
            assert cursor.fetchall() == before


def test_an_option_that_is_no_setting_is_refused(empty_database: URL):
    """What can't be done through a pooler is said, not left out."""
    with pgbouncer(empty_database, "session") as url:
        engine = make_engine(url, connect_args={"options": "-d 3"})
        with pytest.raises(DatabaseUrlError, match=r"^the server option -d can't be set through a connection pooler; write -c name=value"):
            engine.connect()


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_session_pool_of_one_is_too_small(empty_database: URL, driver: str):
    """A deployment needs two sessions; where the pool has one, the operator reads what to raise."""
    too_small = {"default_pool_size": 1, "query_wait_timeout": 1}
    expected = pytest.raises(CommandError, match=r"no second session .* raise its pool size")
    with pgbouncer(empty_database.set(drivername=driver), "session", **too_small) as url, expected:
        check_pooling(make_engine(url))


def test_a_migration_goes_up_and_down_through_a_session_pool(book_database: URL):
    """A database behind pgbouncer in session mode is migrated and rolled back like any other."""
    with pgbouncer(book_database, "session") as url:
        for command, version in ((("upgrade", "head"), HEAD), (("downgrade", "v0"), "v0")):
            outcome = run_alembic(url, *command)
            assert outcome.code == 0, outcome.text
            assert rows(book_database, "SELECT version_num FROM ops.alembic_version") == [(version,)]


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("settings", [{}, {"ignore_startup_parameters": "options"}], ids=["refuses options", "ignores options"])
def test_a_migration_through_another_pool_is_refused(book_database: URL, mode: str, settings: dict[str, str]):
    """Through a pool without sessions a deployment's lock would be anybody's: it is refused before anything is changed."""
    with pgbouncer(book_database, mode, **settings) as url, nothing_changes(book_database):
        text = refusal(run_alembic(with_password(url), "upgrade", "head"))
    assert f"in {mode} mode" in text
    assert "pool_mode=session" in text
    lock = "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    assert rows(book_database, f"SELECT count(*) FROM pg_locks WHERE {lock}") == [(0,)]
