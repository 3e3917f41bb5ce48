"""Compare the tables of the models with those of a database, by PostgreSQL's own words, for autogenerate and ``alembic check``.

Alembic compares what SQLAlchemy reflects: it does not see another text of a CHECK, or another condition of an index. Here the models'
tables are made in a schema of their own, in a savepoint that is rolled back, and both sides are read from the catalogue. Nothing that is
there is locked above ACCESS SHARE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError

SCRATCH = "rently_models"
"""The schema in which the models' tables are made for a moment."""

_COLUMNS = text(
    """
    SELECT c.relname, a.attname,
        format_type(a.atttypid, a.atttypmod)
            || coalesce(' COLLATE ' || o.collnamespace::regnamespace || '.' || quote_ident(o.collname), ''),
        a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attidentity <> '' OR a.attgenerated <> ''
    FROM pg_class AS c
    INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    INNER JOIN pg_type AS y ON y.oid = a.atttypid
    LEFT JOIN pg_collation AS o ON o.oid = a.attcollation AND o.oid <> y.typcollation
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY c.relname, a.attnum
    """
)
_TABLES = text(
    """
    SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class AS c
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    """
)
_CONSTRAINTS = text(
    """
    SELECT c.relname, k.conname, k.contype::text, regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')
    FROM pg_constraint AS k INNER JOIN pg_class AS c ON c.oid = k.conrelid
    WHERE c.relnamespace = to_regnamespace(:schema) AND k.contype IN ('p', 'u', 'c', 'f', 'x') ORDER BY 1, 2
    """
)
_INDEXES = text(
    """
    SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid)
    FROM pg_index AS x INNER JOIN pg_class AS c ON c.oid = x.indrelid INNER JOIN pg_class AS i ON i.oid = x.indexrelid
    WHERE c.relnamespace = to_regnamespace(:schema)
        AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')) ORDER BY 1, 2
    """
)


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column as PostgreSQL prints it: ``kind`` with a collation of its own; ``made`` if it is generated or counts by itself."""

    kind: str
    filled: bool
    default: str | None
    comment: str | None
    made: bool


@dataclass(frozen=True, slots=True)
class ConstraintFacts:
    """A constraint: p, u, c, f or x, and its definition."""

    kind: str
    definition: str


@dataclass(slots=True)
class TableFacts:
    """A table as PostgreSQL prints it."""

    comment: str | None
    columns: dict[str, ColumnFacts] = field(default_factory=dict)
    constraints: dict[str, ConstraintFacts] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key."""
        found = next((c.definition for c in self.constraints.values() if c.kind == "p"), "PRIMARY KEY ()")
        return tuple(name.strip() for name in found.partition("(")[2].removesuffix(")").split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class Sides:
    """The tables as they are, and as the models want them; without what the revisions of schema public never make."""

    present: Mapping[str, TableFacts]
    wanted: Mapping[str, TableFacts]

    def differences(self) -> Iterator[tuple[str, str, str]]:
        """What differs, as (what, table, name), for who only wants to know whether something does."""
        for table in sorted(self.wanted.keys() | self.present.keys()):
            one, other = self.wanted.get(table), self.present.get(table)
            if one is None or other is None:
                yield "table", table, ""
                continue
            if one.comment != other.comment:
                yield "comment", table, ""
            pairs = (("column", one.columns, other.columns), ("constraint", one.constraints, other.constraints))
            for what, wanted, present in (*pairs, ("index", one.indexes, other.indexes)):
                yield from ((what, table, name) for name in sorted(wanted.keys() | present.keys()) if wanted.get(name) != present.get(name))


def sides(connection: Connection, metadata: MetaData) -> Sides:
    """Read both sides. The database is not changed.

    Raises:
        CommandError: PostgreSQL refuses a table of the models.
    """
    savepoint = connection.begin_nested()
    try:
        connection.execute(text(f"CREATE SCHEMA {SCRATCH}"))
        connection.execute(text(f"SET LOCAL search_path = {SCRATCH}, public"))
        metadata.create_all(connection, checkfirst=False)
        connection.execute(text("SET LOCAL search_path = pg_catalog"))
        return Sides(_read(connection, "public"), _read(connection, SCRATCH))
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines()[0]
        raise CommandError(f"PostgreSQL refuses a table of the models: {said} ({error.statement})") from error
    finally:
        savepoint.rollback()


def _read(connection: Connection, schema: str) -> dict[str, TableFacts]:
    def rows(query: object) -> Iterator[tuple[object, ...]]:
        yield from (tuple(row) for row in connection.execute(query, {"schema": schema}))  # type: ignore[call-overload]

    def said(value: object) -> str | None:
        return None if value is None else str(value).replace(f"{schema}.", "public.")

    tables = {str(name): TableFacts(said(comment)) for name, comment in rows(_TABLES)}
    for table, name, kind, filled, default, comment, made in rows(_COLUMNS):
        facts = ColumnFacts(str(kind), bool(filled), said(default), None if comment is None else str(comment), bool(made))
        tables[str(table)].columns[str(name)] = facts
    for table, name, kind, definition in rows(_CONSTRAINTS):
        tables[str(table)].constraints[str(name)] = ConstraintFacts(str(kind), said(definition) or "")
    for table, name, definition in rows(_INDEXES):
        tables[str(table)].indexes[str(name)] = said(definition) or ""
    return tables


V = TypeVar("V")


def changed(wanted: Mapping[str, V], present: Mapping[str, V], differ: Callable[[V, V], bool] = lambda a, b: a != b) -> Iterator[str]:
    """The names that both sides have, and not alike."""
    yield from (name for name in wanted if name in present and differ(wanted[name], present[name]))
