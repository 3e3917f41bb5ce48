"""Whether a database and this library fit together: one call for the start of a service."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects import postgresql

from rently_db.models import metadata
from rently_db.packaged import revisions

RELEASE = "v1"
"""The revision from which on the applications of these models may start; schema_version names it, which each of our roles may read."""
_SHOWN = 5
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_SPELT = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "character varying": "varchar",
    "character": "char",
}

_COLUMNS = text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = to_regnamespace('public') AND c.relkind IN ('r', 'p')
""")
# By oid: to_regclass() is refused to those who may not use the schema.
_READABLE = text("""
    SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relname = :name
""")


class SchemaError(RuntimeError):
    """The database is not what this library works with. The message is one sentence: what was found, where, which command mends it."""


def require_schema(database: Engine | Connection, *, reads: Iterable[str] = ()) -> None:
    """Raise unless the database has the schema of these models; for the start of a service, before it takes work.

    Every table and column of the models must be there with its type, and the migration must have reached v1: only then do the rules and
    triggers stand that the models count on. ``reads`` names what the service reads besides, e.g. ``["analytics.v_dpd_analysis"]``: each
    must exist and be readable. A database that is ahead of the library fits as long as nothing is missing: during a deployment it is
    migrated first. It takes a few queries of the system catalogue, and any role may ask.

    With an async engine: ``await connection.run_sync(require_schema)``.

    Raises:
        SchemaError: the database lacks something; the message names it and the command that mends it.
        sqlalchemy.exc.OperationalError: the server can't be reached.
    """
    if isinstance(database, Engine):
        with database.connect() as connection:
            require_schema(connection, reads=reads)
        return
    wanted = [reads] if isinstance(reads, str) else list(reads)
    mend = f"migrate it with `rently-db upgrade` or `alembic upgrade head` (this library knows {RELEASE} to {revisions()[-1]})"
    name = f"the database {database.scalar(text('SELECT current_database()'))}"
    found = {(table, column): _plain(kind) for table, column, kind in database.execute(_COLUMNS)}
    lacking, other = _differences(found)
    if lacking:
        raise SchemaError(f"{name}{_whereabouts(database)} lacks {_few(lacking)}, which the models of rently_db need; {mend}")
    if other:
        raise SchemaError(f"{name}{_whereabouts(database)} has {_few(other)}; {mend}, or install the rently-db that made it")
    _require_readable(database, ["schema_version"], name, mend)
    if not database.scalar(text("SELECT EXISTS (SELECT FROM public.schema_version WHERE version = :release)"), {"release": RELEASE}):
        raise SchemaError(f"{name}{_whereabouts(database)} is on its way to {RELEASE} and not there yet; {mend}")
    _require_readable(database, wanted, name, mend)


def _require_readable(connection: Connection, relations: list[str], name: str, mend: str) -> None:
    unreadable = [relation for relation in relations if not _readable(connection, relation)]
    if unreadable:
        raise SchemaError(
            f"{name}{_whereabouts(connection)} has no {_few(unreadable)} that this role may read; {mend}, and give the role its rights "
            "with `rently-db access apply`"
        )


def _differences(found: dict[tuple[str, str], str]) -> tuple[list[str], list[str]]:
    """What the models have and the database lacks, and columns of another type."""
    tables = {table for table, _ in found}
    lacking, other = [], []
    for table in metadata.sorted_tables:
        if table.name not in tables:
            lacking.append(f"table {table.name}")
            continue
        for column in table.columns:
            expected = _plain(column.type.compile(dialect=_DIALECT).lower())
            present = found.get((table.name, column.name))
            if present is None:
                lacking.append(f"column {table.name}.{column.name}")
            elif present != expected:
                other.append(f"column {table.name}.{column.name} of type {present} where the models have {expected}")
    return lacking, other


def _plain(kind: str) -> str:
    """A type in the one spelling that both PostgreSQL's and SQLAlchemy's come down to."""
    for long, short in _SPELT.items():
        if kind.startswith(long):
            return short + kind.removeprefix(long).replace(" ", "")
    return kind.replace(" ", "")


def _readable(connection: Connection, relation: str) -> bool:
    """Whether the role may read a table or view; one that does not exist, it may not."""
    schema, _, name = relation.rpartition(".")
    return bool(connection.scalar(_READABLE, {"schema": schema or "public", "name": name}))


def _whereabouts(connection: Connection) -> str:
    """Where the migration stands, if the role may know: `` (at v1_backfill)``."""
    if not _readable(connection, "ops.alembic_version"):
        return ""
    at = connection.scalar(text("SELECT min(version_num) FROM ops.alembic_version"))
    if at is None:
        return " (never migrated)"
    return f" (at {at})" if at in revisions() else f" (at {at}, which this library does not know)"


def _few(things: list[str]) -> str:
    more = len(things) - _SHOWN
    return ", ".join(things[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
