"""Where the demonstration is shown: an empty database that was named, or a new one on the embedded server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy import URL, text

from rently_db.database import ENVIRONMENT_VARIABLE, create_database_if_missing, make_engine, parse_url, resolve_url
from rently_db.server import embedded_server

DATABASE = "rently_demo"
"""The database on the embedded server."""


@contextmanager
def demo_database(explicit: str | None) -> Iterator[tuple[URL, bool]]:
    """The database, and whether it is on the embedded server: the given one, that of the environment, or a new one there.

    Raises:
        CommandError: the database that was named is not empty.
    """
    if explicit or os.environ.get(ENVIRONMENT_VARIABLE):
        with resolve_url(explicit) as target:
            engine = make_engine(target)
            try:
                with engine.connect() as connection:
                    tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'ops')"))
            finally:
                engine.dispose()
            if tables:
                raise CommandError(f"the demo needs an empty database, and this one holds {tables} tables; make one with CREATE DATABASE")
            yield target, False
        return
    with embedded_server() as server:
        admin = make_engine(server.url(), isolation_level="AUTOCOMMIT")
        try:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        finally:
            admin.dispose()
        create_database_if_missing(parse_url(server.url()), DATABASE)
        yield parse_url(server.url(DATABASE)), True
