"""Look at a database before the first change: empty, a v0, something in between, or somebody else's.

Everything here reads only. What conflicts is returned as differences a DBA can act on; what is there besides v0 is kept and reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection, text

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.steps import AddColumn, Check, CreateTable, ForeignKey, Index, Step, Unique
from rently_db.sql.entities import DeployEntity

_COLUMNS = text(
    """
    SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    """
)
_KEYS = text(
    """
    SELECT c.relname, k.contype::text, a.attname, f.relname
    FROM pg_catalog.pg_constraint AS k
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
    LEFT JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid
    WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f') AND cardinality(k.conkey) = 1
    """
)
_RELATIONS = text(
    """
    SELECT c.relname, c.relkind::text
    FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
    """
)
_EXTRAS = text(
    """
    SELECT 'index ' || i.relname || ' on ' || t.relname
    FROM pg_catalog.pg_index AS x
    INNER JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
    INNER JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY(:tables)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT CASE k.contype WHEN 'c' THEN 'check ' WHEN 'u' THEN 'unique constraint ' WHEN 'f' THEN 'foreign key ' ELSE 'constraint ' END
        || k.conname || ' on ' || t.relname
    FROM pg_catalog.pg_constraint AS k
    INNER JOIN pg_catalog.pg_class AS t ON t.oid = k.conrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY(:tables)
        AND (k.contype IN ('c', 'x') OR (k.contype IN ('u', 'f') AND cardinality(k.conkey) > 1))
    UNION ALL
    SELECT 'trigger ' || g.tgname || ' on ' || t.relname
    FROM pg_catalog.pg_trigger AS g
    INNER JOIN pg_catalog.pg_class AS t ON t.oid = g.tgrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY(:tables) AND NOT g.tgisinternal
    UNION ALL
    SELECT 'publication ' || p.pubname FROM pg_catalog.pg_publication AS p
    UNION ALL
    SELECT 'function ' || p.oid::regprocedure::text
    FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY 1
    """
)
_ON_TABLES = text(
    """
    SELECT 'constraint' AS kind, c.relname, k.conname FROM pg_catalog.pg_constraint AS k
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'trigger', c.relname, g.tgname FROM pg_catalog.pg_trigger AS g
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = g.tgrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT g.tgisinternal
    UNION ALL
    SELECT 'index', '', c.relname FROM pg_catalog.pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('i', 'I')
    """
)
_KIND = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}


class State(StrEnum):
    """What a database without a recorded version turned out to be."""

    EMPTY = "empty"
    V0 = "v0"
    CONFLICT = "conflict"
    FOREIGN = "foreign"
    UNRECORDED = "unrecorded"
    """A v1 whose schema ops is gone."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of a look: the state, what conflicts (one sentence each, with the mend), and what is there besides v0."""

    state: State
    conflicts: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)


def look(connection: Connection) -> Findings:
    """Compare schema ``public`` with v0's fingerprint: tables, columns, types, keys."""
    relations = _relations(connection)
    tables = {name for name, kind in relations.items() if kind in "rp"}
    present = [name for name in BASELINE if name in relations]
    if not present:
        if not tables:
            return Findings(State.EMPTY)
        listed = ", ".join(sorted(tables)[:5]) + (" ..." if len(tables) > 5 else "")
        return Findings(State.FOREIGN, [f"schema public holds {len(tables)} tables ({listed}), none of them Rently's"])
    if {"schema_version", "loan_status_history"} <= tables:
        return Findings(State.UNRECORDED)
    conflicts = [*_compare_columns(connection, relations), *_compare_keys(connection, tables)]
    extras = [f"{_KIND[kind]} {name}" for name, kind in sorted(relations.items()) if name not in BASELINE]
    extras += [*_extra_columns(connection, tables), *connection.scalars(_EXTRAS, {"tables": list(BASELINE)})]
    return Findings(State.CONFLICT if conflicts else State.V0, conflicts, extras)


def _relations(connection: Connection) -> dict[str, str]:
    """Name -> kind of what stands in schema public, extensions' own relations left out."""
    return {str(name): str(kind) for name, kind in connection.execute(_RELATIONS)}


def _columns(connection: Connection) -> dict[str, dict[str, str]]:
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(_COLUMNS):
        columns.setdefault(table, {})[column] = kind
    return columns


def _compare_columns(connection: Connection, relations: dict[str, str]) -> Iterable[str]:
    columns = _columns(connection)
    for name, table in BASELINE.items():
        if name not in relations:
            yield f"- table {name} is missing: {' '.join(table.create_sql().split())};"
            continue
        if relations[name] not in "rp":
            yield f"! {name} is a {_KIND[relations[name]]}; v0 has a table of that name"
            continue
        for column in table.columns:
            found = columns[name].get(column.name)
            if found is None:
                yield f"- {name}.{column.name} {column.type} is missing: ALTER TABLE public.{name} ADD COLUMN {column.name} {column.type};"
            elif found != column.type:
                yield (
                    f"! {name}.{column.name} is {found}, v0 has {column.type}: "
                    f"ALTER TABLE public.{name} ALTER COLUMN {column.name} TYPE {column.type};"
                )


def _compare_keys(connection: Connection, tables: set[str]) -> Iterable[str]:
    keys = {(table, kind, column, target) for table, kind, column, target in connection.execute(_KEYS)}
    for name, table in BASELINE.items():
        if name not in tables:
            continue
        if (name, "p", "id", None) not in keys:
            yield f"- the primary key of {name} is missing: ALTER TABLE public.{name} ADD PRIMARY KEY (id);"
        for column in table.uniques:
            if (name, "u", column, None) not in keys:
                yield f"- {name}.{column} is not unique: ALTER TABLE public.{name} ADD UNIQUE ({column});"
        for column, target in table.foreign_keys.items():
            if (name, "f", column, target) not in keys:
                yield (
                    f"- the foreign key {name}.{column} -> {target} is missing: "
                    f"ALTER TABLE public.{name} ADD FOREIGN KEY ({column}) REFERENCES public.{target} (id);"
                )


def _extra_columns(connection: Connection, tables: set[str]) -> Iterable[str]:
    columns = _columns(connection)
    for name, table in BASELINE.items():
        known = {column.name for column in table.columns}
        if name in tables:
            yield from (f"column {name}.{column}" for column in sorted(columns[name].keys() - known))


def name_conflicts(connection: Connection, steps: Iterable[Step]) -> list[str]:
    """What v1 would create and somebody has created already, under the same name: it would be taken for v1's own."""
    columns = _columns(connection)
    relations = _relations(connection)
    taken = {(str(kind), str(table), str(name)) for kind, table, name in connection.execute(_ON_TABLES)}
    found: list[str] = []
    for step in steps:
        match step:
            case CreateTable(table) if table in relations:
                kind = _KIND[relations[table]]
                found.append(_taken(f"{kind} {table}", f"ALTER {kind.upper()} public.{table} RENAME TO ...;"))
            case AddColumn(table, column) if column in columns.get(table, {}):
                found.append(_taken(f"column {table}.{column}", f"ALTER TABLE public.{table} RENAME COLUMN {column} TO ...;"))
            case Index(_, name) if ("index", "", name) in taken:
                found.append(_taken(f"index {name}", f"ALTER INDEX public.{name} RENAME TO ...;"))
            case Check(table, name) | Unique(table, name) | ForeignKey(table, name, of_v0=False) if ("constraint", table, name) in taken:
                found.append(_taken(f"constraint {name} on {table}", f"ALTER TABLE public.{table} RENAME CONSTRAINT {name} TO ...;"))
            case DeployEntity(entity) if ("trigger", entity.table, entity.name) in taken:
                where = f"{entity.name} ON public.{entity.table}"
                found.append(_taken(f"trigger {where}", f"ALTER TRIGGER {where} RENAME TO ...;"))
            case _:
                pass
    if connection.scalar(text("SELECT to_regprocedure('public.uuidv7()') IS NOT NULL")):
        found.append(_taken("function public.uuidv7()", "ALTER FUNCTION public.uuidv7() RENAME TO ...;"))
    return found


def _taken(what: str, mend: str) -> str:
    return f"! {what} is there; v1 creates one of that name: {mend}"
