"""The login that Superset reads data with: made for it, read only, thrown away afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError, OperationalError

from rently_db.dashboards.superset.environment import SupersetError
from rently_db.database import connect_error_sentence, make_engine, masked

READER = "rently_readonly"
STATEMENT_SECONDS = 30

_PREFIX = "rently_superset_"
_HOURS = 24
_NO_RIGHT = "42501"


@contextmanager
def reader_login(url: URL, *, seconds: int = STATEMENT_SECONDS) -> Iterator[URL]:
    """A URL for the database of `url`, as a new login role that may only do what `rently_readonly` may; dropped in the end.

    Each has a name of its own, as roles belong to the whole server, where another Superset may run. One that nobody dropped, because
    this process was killed, is of no use to anybody after a day, and the next login on that server drops it.

    Raises SupersetError if the role can't be made.
    """
    name, password = f"{_PREFIX}{secrets.token_hex(4)}", secrets.token_urlsafe(24)
    with _administrator(url) as connection:
        if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": READER}) is None:
            raise SupersetError(f"{masked(url)} has no role {READER}; run rently-db access apply")
        _drop_expired(connection)
    try:
        with _administrator(url) as connection:
            for statement in _statements(name, password, seconds):
                connection.exec_driver_sql(statement)
        yield url.set(drivername="postgresql+psycopg2", username=name, password=password)
    finally:
        with _administrator(url) as connection:
            _drop(connection, name)


def _statements(name: str, password: str, seconds: int) -> tuple[str, ...]:
    """Name and password hold letters, digits, - and _ only, and stand in the statements as they are."""
    attributes = "LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 60"
    until = datetime.now(UTC) + timedelta(hours=_HOURS)
    return (
        f"CREATE ROLE {name} {attributes} PASSWORD '{password}' VALID UNTIL '{until.isoformat()}'",
        f"GRANT {READER} TO {name}",
        f"ALTER ROLE {name} SET default_transaction_read_only = on",
        f"ALTER ROLE {name} SET statement_timeout = '{seconds}s'",
        f"ALTER ROLE {name} SET idle_in_transaction_session_timeout = '60s'",
        f"ALTER ROLE {name} SET timezone = 'UTC'",
    )


def _drop_expired(connection: Connection) -> None:
    query = text("SELECT rolname FROM pg_roles WHERE starts_with(rolname, :prefix) AND rolvaliduntil < now()")
    for (name,) in connection.execute(query, {"prefix": _PREFIX}).all():
        _drop(connection, name)


def _drop(connection: Connection, name: str) -> None:
    query = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = :name")
    connection.execute(query, {"name": name})
    connection.exec_driver_sql(f"DROP ROLE IF EXISTS {name}")


@contextmanager
def _administrator(url: URL) -> Iterator[Connection]:
    engine = make_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as problem:
        raise SupersetError(connect_error_sentence(problem, url)) from problem
    except DBAPIError as problem:
        if getattr(problem.orig, "pgcode", None) != _NO_RIGHT:
            raise
        raise SupersetError(
            f"{masked(url)} may not make a login for Superset; connect as a role with CREATEROLE that may grant {READER}"
        ) from problem
    finally:
        engine.dispose()
