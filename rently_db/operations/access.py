"""`rently-db access`: roles and rights, as the database itself keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from alembic.util import CommandError
from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError, OperationalError

from rently_db.database import connect_error_sentence, make_engine, masked
from rently_db.migrate.roles import prepared_roles


@dataclass(frozen=True, slots=True)
class Applied:
    """What ``apply`` did: roles that are missing, and how many rights it gave or took."""

    missing: tuple[str, ...]
    changes: int


def access_script(url: URL) -> str:
    """What a DBA runs where the migrating role, as which ``url`` connects, may not create roles.

    At ``v1_ops`` and later it ends by giving the rights; before, the upgrade gives them when it gets there, so it makes the roles only.

    Raises:
        CommandError: the server can't be reached.
    """
    with _connection(url) as connection:
        if _knows_roles(connection):
            return str(connection.scalar(text("SELECT ops.access_script()")))
        return prepared_roles(connection)


def apply_access(url: URL) -> Applied:
    """Create the roles that are missing if that is allowed, and give each its rights again.

    Raises:
        CommandError: the server can't be reached, the database is not at ``v1_ops``, or the role does not own it.
    """
    with _connection(url) as connection:
        if not _knows_roles(connection):
            raise CommandError(f"{masked(url)} is not at revision v1_ops, which brings roles and rights; run rently-db migrate")
        missing = tuple(str(role) for role in connection.scalars(text("SELECT r FROM ops.create_roles() AS r")))
    with _connection(url) as connection:
        return Applied(missing, int(str(connection.scalar(text("SELECT ops.apply_access()")))))


def _knows_roles(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT to_regprocedure('ops.access_script()') IS NOT NULL")))


@contextmanager
def _connection(url: URL) -> Iterator[Connection]:
    """A transaction; what the server refuses is said in a sentence."""
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as problem:
        raise CommandError(connect_error_sentence(problem, url.set(drivername="postgresql"))) from problem
    except DBAPIError as problem:
        if getattr(problem.orig, "pgcode", None) != "42501":
            raise
        raise CommandError(f"{str(problem.orig).splitlines()[0]}: connect as the role that owns the tables") from problem
    finally:
        engine.dispose()
