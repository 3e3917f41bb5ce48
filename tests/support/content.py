"""Complete content of a database at head, for comparing it before and after a trip."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import URL

from rently_db.migrate.baseline import BASELINE
from rently_db.models import metadata
from tests.support.migrations import connect

Content = dict[str, dict[str, dict[str, Any]]]
"""Table -> primary key as text -> column -> value as JSON."""

NEW_TABLES = tuple(name for name in metadata.tables if name not in BASELINE)
NEW_COLUMNS = {
    name: tuple(column.name for column in metadata.tables[name].columns if column.name not in {c.name for c in table.columns})
    for name, table in BASELINE.items()
}


def content(url: URL) -> Content:
    """Every row of every table of the models, all columns."""
    connection = connect(url)
    found: Content = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET TimeZone = 'UTC'")
            for table in metadata.sorted_tables:
                key = " || '/' || ".join(f't."{column.name}"' for column in table.primary_key)
                cursor.execute(f"SELECT ({key})::text, to_jsonb(t) FROM public.{table.name} AS t")
                found[table.name] = dict(cursor.fetchall())
    finally:
        connection.close()
    return found


def changes(before: Content, after: Content, *, ignore: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """What differs, a sentence for each row and column; ``ignore`` are (table, column), with table '*' for any."""
    found = []
    for table in sorted(before.keys() | after.keys()):
        old, new = before.get(table, {}), after.get(table, {})
        found += [f"{table} {key}: missing" for key in sorted(old.keys() - new.keys())]
        found += [f"{table} {key}: added" for key in sorted(new.keys() - old.keys())]
        for key in sorted(old.keys() & new.keys()):
            found += [
                f"{table} {key}: {column} was {old[key].get(column)!r}, is {new[key].get(column)!r}"
                for column in sorted(old[key].keys() | new[key].keys())
                if old[key].get(column) != new[key].get(column) and not {(table, column), ("*", column)} & set(ignore)
            ]
    return found


def digests(url: URL) -> dict[str, tuple[int, str]]:
    """Of each table of v0 the number of rows and a digest of v0's columns that does not depend on their order.

    Unlike a comparison of fetched rows it sees the text of a value: 1.50 and 1.5 differ.
    """
    connection = connect(url)
    found = {}
    try:
        with connection.cursor() as cursor:
            for table in BASELINE.values():
                columns = ", ".join(f"t.{column.name}" for column in table.columns)
                cursor.execute(f"SELECT ROW({columns})::text FROM public.{table.name} AS t")
                texts = sorted(text for (text,) in cursor.fetchall())
                found[table.name] = (len(texts), hashlib.sha256("\n".join(texts).encode()).hexdigest())
    finally:
        connection.close()
    return found
