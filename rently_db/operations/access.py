"""`rently-db access`: roles and rights, as the database itself keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from alembic.util import CommandError
from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import DBAPIError, OperationalError

from rently_db.database import connect_error_sentence, make_engine, masked


@dataclass(frozen=True, slots=True)
class Applied:
    """What ``apply`` did: roles that are missing, and how many rights it gave or took."""

    missing: tuple[str, ...]
    changes: int


def access_script(url: URL) -> str:
    """What a DBA runs where the migrating role may not create roles.

    Raises:
        CommandError: the server can't be reached, or the database is not at ``v1_ops``.
    """
    return str(_answers(url, "SELECT ops.access_script()")[0][0])


def apply_access(url: URL) -> Applied:
    """Create the roles that are missing if that is allowed, and give each its rights again.

    Raises:
        CommandError: the server can't be reached, the database is not at ``v1_ops``, or the role does not own it.
    """
    missing = tuple(str(row[0]) for row in _answers(url, "SELECT r FROM ops.create_roles() AS r"))
    return Applied(missing, int(str(_answers(url, "SELECT ops.apply_access()")[0][0])))


def _answers(url: URL, query: str) -> list[tuple[object, ...]]:
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            if connection.scalar(text("SELECT to_regprocedure('ops.access_script()') IS NULL")):
                raise CommandError(f"{masked(url)} is not at revision v1_ops, which brings roles and rights; run rently-db migrate")
            return [tuple(row) for row in connection.execute(text(query))]
    except OperationalError as problem:
        raise CommandError(connect_error_sentence(problem, url.set(drivername="postgresql"))) from problem
    except DBAPIError as problem:
        if getattr(problem.orig, "pgcode", None) != "42501":
            raise
        raise CommandError(f"{str(problem.orig).splitlines()[0]}: connect as the role that owns the tables") from problem
    finally:
        engine.dispose()
