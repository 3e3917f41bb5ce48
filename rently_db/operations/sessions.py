"""Sessions that only look: one transaction, read only, whatever is done inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import OperationalError

from rently_db.database import connect_error_sentence, make_engine


@contextmanager
def reading(url: URL) -> Iterator[Connection]:
    """A connection in a read-only transaction of one snapshot; it works through any connection pooler.

    Raises:
        CommandError: the server can't be reached; one sentence, without the password.
    """
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), shared_sessions=True, poolclass=NullPool)
    try:
        try:
            connection = engine.connect()
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        except OperationalError as problem:
            raise CommandError(connect_error_sentence(problem, url.set(drivername="postgresql"))) from problem
        with connection:
            yield connection
    finally:
        engine.dispose()


def current_revision(connection: Connection) -> str | None:
    """The revision that the database is at; None if it is not under migration.

    Raises:
        CommandError: several revisions are recorded, which rently_db never does.
    """
    if connection.scalar(text("SELECT to_regclass('ops.alembic_version') IS NULL")):
        return None
    found = connection.scalars(text("SELECT version_num FROM ops.alembic_version ORDER BY 1")).all()
    if len(found) > 1:
        raise CommandError(f"ops.alembic_version names {len(found)} revisions ({', '.join(found)}) and must name one; see who wrote them")
    return str(found[0]) if found else None
