"""A scratch database with the real one's schema and no rows, carried from revision to revision."""

from __future__ import annotations

import io
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from sqlalchemy import URL, Connection, NullPool, text

from rently_db.database import client_address, make_engine, parse_url
from rently_db.dumping import pg_dump_for
from rently_db.operations.alembic_config import alembic_config
from rently_db.server import Server, client_tool

_PREFIX = "rently_compat_"
# Names of roles, and objects that exist once per server, mean nothing in the scratch database.
_DUMP_OPTIONS = (
    "--schema-only",
    "--no-owner",
    "--no-privileges",
    "--no-publications",
    "--no-subscriptions",
    "--no-tablespaces",
    "--no-security-labels",
    # What an earlier v1 left is no business of v0's applications.
    "--exclude-schema=ops",
    "--exclude-schema=rently_v1_kept",
)


class DumpError(Exception):
    """The schema can't be read. The message is pg_dump's first sentence about it."""


def dump_schema(url: URL) -> str:
    """The schema of the database as SQL.

    Raises:
        DumpError: pg_dump failed.
    """
    address, hidden = client_address(url)
    done = subprocess.run(
        [str(pg_dump_for(url)), *_DUMP_OPTIONS, f"--dbname={address}"],
        env={**os.environ, **hidden},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if "error" in line] or done.stderr.splitlines() or ["it gave no reason"]
        raise DumpError(said[0].removeprefix("pg_dump: error: "))
    return done.stdout


@contextmanager
def scratch_database(server: URL | None, schema: str) -> Iterator[tuple[URL, list[str]]]:
    """A new database with ``schema``, on a temporary embedded server or on ``server``; dropped at the end.

    Gives its URL and what of the schema could not be made there, e.g. an extension that the server lacks.
    """
    if server is None:
        with Server() as own, _database(parse_url(own.url()), schema) as made:
            yield made
    else:
        with _database(server, schema) as made:
            yield made


@contextmanager
def _database(admin: URL, schema: str) -> Iterator[tuple[URL, list[str]]]:
    name = _PREFIX + secrets.token_hex(4)
    engine = make_engine(admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        url = admin.set(database=name)
        yield url, _restore(url, schema)
    finally:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name})
            connection.exec_driver_sql(f"DROP DATABASE {name}")


def _restore(url: URL, schema: str) -> list[str]:
    # pg_dump 18 sets what servers before 17 do not know; there is no such limit in a new database.
    kept = "\n".join(line for line in schema.splitlines() if not line.startswith("SET transaction_timeout"))
    address, hidden = client_address(url)
    done = subprocess.run(
        [str(client_tool("psql")), "--no-psqlrc", "--quiet", f"--dbname={address}"],
        input=kept,
        env={**os.environ, **hidden},
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.partition("ERROR:  ")[2] for line in done.stderr.splitlines() if "ERROR:  " in line]


def upgrade(url: URL, revision: str) -> None:
    """``alembic upgrade`` in this process, silent.

    Raises:
        CommandError: the schema can't be upgraded; ``rently-db preflight`` says more.
    """
    command.upgrade(alembic_config(url, stdout=io.StringIO()), revision)


def search_path(connection: Connection) -> str:
    """Where this role's statements find unqualified names."""
    return str(connection.scalar(text("SHOW search_path")))
