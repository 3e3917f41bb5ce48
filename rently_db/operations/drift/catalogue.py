"""What a database is like: every object of our schemas with what PostgreSQL says of it. Reads only, under ACCESS SHARE locks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from alembic.util import CommandError
from psycopg2.errors import LockNotAvailable, QueryCanceled
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

PATIENCE = "3s"
"""How long a table may be locked by somebody else before we leave rather than wait."""


@dataclass(slots=True)
class Thing:
    """An object: the table or view it belongs to (itself, if it is one), and what is said of it."""

    kind: str
    name: str
    table: str
    facts: dict[str, str] = field(default_factory=dict)


Catalogue = dict[tuple[str, str], Thing]
"""By kind and name."""


@cache
def _query() -> str:
    return (Path(__file__).parent / "catalogue.sql").read_text(encoding="utf-8")


def read_catalogue(connection: Connection) -> Catalogue:
    """Read the schemas ``public``, ``ops`` and ``analytics``, within the connection's transaction, whose search path is empty afterwards.

    Raises:
        CommandError: somebody holds an exclusive lock on a table for long.
    """
    try:
        connection.execute(
            text("SELECT set_config('search_path', 'pg_catalog', true), set_config('lock_timeout', :time, true)"), {"time": PATIENCE}
        )
        found = connection.exec_driver_sql(_query(), execution_options={"no_parameters": True}).all()
    except DBAPIError as error:
        if isinstance(error.orig, LockNotAvailable | QueryCanceled):
            raise CommandError(
                f"a table is locked for more than {PATIENCE}: somebody changes it; try again later (rently-db status names a migration)"
            ) from error
        raise
    things: Catalogue = {}
    for kind, name, table, what, value in found:
        things.setdefault((kind, name), Thing(kind, name, table)).facts[what] = value
    return things


def as_json(catalogue: Catalogue) -> list[list[object]]:
    """The catalogue as lists, to be kept."""
    return [[thing.kind, thing.name, thing.table, thing.facts] for thing in catalogue.values()]


def from_json(rows: list[list[object]]) -> Catalogue:
    """What ``as_json`` kept.

    Raises:
        ValueError, TypeError: it is something else.
    """
    things = [Thing(str(kind), str(name), str(table), dict(facts)) for kind, name, table, facts in rows]  # type: ignore[call-overload]
    return {(thing.kind, thing.name): thing for thing in things}
