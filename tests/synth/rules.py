"""The rules of v1, taken from the models and asked of v0 rows: which rows break which rule."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg2 import extensions
from sqlalchemy import CheckConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql

import rently_db.models
from rently_db.migrate.baseline import BASELINE

_DIALECT = postgresql.dialect()


def _table(name: str) -> Table:
    return rently_db.models.Base.metadata.tables[name]


def _as_v1(name: str) -> str:
    """The v0 table with v1's new columns, NULL."""
    known = {column.name for column in BASELINE[name].columns}
    new = [f'NULL::{c.type.compile(_DIALECT)} AS "{c.name}"' for c in _table(name).columns if c.name not in known]
    return f"(SELECT {', '.join(['o.*', *new])} FROM public.{name} o) AS {name}"


def _unique_keys(table: Table) -> Iterator[tuple[str, list[str], str]]:
    """Name, key expressions and condition of every unique rule but the primary key."""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), [c.name for c in constraint.columns], "true"
    for index in table.indexes:
        if index.unique:
            where = index.dialect_options["postgresql"].get("where")
            yield str(index.name), [str(e) for e in index.expressions], "true" if where is None else str(where)


def broken_rules(connection: extensions.connection) -> dict[str, set[str]]:
    """Rule -> ids of the rows that break it. A rule that no row breaks is absent. Rules over new columns alone can't be broken."""
    broken: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for name, baseline in BASELINE.items():
            table, source = _table(name), _as_v1(name)
            queries = {
                str(c.name): f"SELECT {name}.id::text FROM {source} WHERE NOT ({c.sqltext})"
                for c in table.constraints
                if isinstance(c, CheckConstraint)
            }
            for column in baseline.columns:
                if not table.columns[column.name].nullable:
                    queries[f"{name}.{column.name} not null"] = f"SELECT id::text FROM public.{name} WHERE {column.name} IS NULL"
            for rule, keys, where in _unique_keys(table):
                missing = " OR ".join(f"({key}) IS NULL" for key in keys)
                queries[rule] = (
                    f"SELECT unnest(array_agg({name}.id::text)) FROM {source} WHERE ({where}) AND NOT ({missing})"
                    f" GROUP BY {', '.join(keys)} HAVING count(*) > 1"
                )
            for rule, query in queries.items():
                cursor.execute(query)
                if found := {row for (row,) in cursor.fetchall()}:
                    broken[rule] = found
    return broken
