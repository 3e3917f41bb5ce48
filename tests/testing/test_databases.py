"""Test databases do not outlive their run, on any server."""

from __future__ import annotations

from sqlalchemy import URL, NullPool, text

from rently_db.database import make_engine
from rently_db.testing.databases import PREFIX, Databases


def names(admin: URL) -> set[str]:
    """The databases of the server."""
    engine = make_engine(admin, poolclass=NullPool)
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT datname FROM pg_database")))


def test_databases_of_a_killed_run_are_dropped_by_the_next(databases: Databases, server_url: URL) -> None:
    """A run that was killed can't tidy up; the next one does, and leaves the databases of runs that still go on."""
    stale = f"{PREFIX}_0abcdef_1_1"
    engine = make_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {stale}")
    with databases.database() as mine, Databases(server_url) as other, other.database() as theirs:
        found = names(server_url)
        assert stale not in found
        assert {mine.database, theirs.database} <= found
    assert not {mine.database, theirs.database} & names(server_url)


def test_a_database_can_be_a_copy_of_another(databases: Databases) -> None:
    """A template filled once is cloned for each test that needs its rows."""
    with databases.database() as original:
        engine = make_engine(original)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE filled AS SELECT 1 AS row")
        engine.dispose()
        with databases.database(template=original.database) as copy:
            engine = make_engine(copy)
            with engine.connect() as connection:
                assert connection.scalar(text("SELECT row FROM filled")) == 1
            engine.dispose()


def test_a_session_left_open_does_not_keep_a_database(databases: Databases, server_url: URL) -> None:
    """A test that forgets to close a connection leaves no database behind."""
    with databases.database() as url:
        engine = make_engine(url, poolclass=NullPool)
        left_open = engine.connect()
    assert url.database not in names(server_url)
    left_open.invalidate()
    left_open.close()
