"""What the migration itself changed in a live database, so that nobody takes its repairs for the business's writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from rently_db.migrate.content import Table
from rently_db.operations.backup.merge import Kind

_READABLE = text(
    """
    SELECT EXISTS (
        SELECT FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'ops' AND c.relname = 'row_journal'
            AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    )
    """
)
_ENTRIES = text(
    """
    SELECT j.row_id::text, j.kind, j.old_value::text, j.new_value::text FROM ops.row_journal AS j
    WHERE j.table_name = :table AND j.row_id = ANY (CAST(:keys AS uuid[])) AND j.state = 'open' AND j.origin = 'migration'
        AND j.kind IN ('repair', 'mapped', 'removed', 'quarantined')
    ORDER BY j.id
    """
)
_TAKEN_OUT = {"removed", "quarantined"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: values by column name, numbers as text."""

    kind: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


class Journal:
    """``ops.row_journal`` of a database; without one, or without the right to read it, it explains nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._readable = bool(connection.scalar(_READABLE))

    def of(self, table: Table, keys: Sequence[str]) -> dict[str, list[Entry]]:
        """The migration's own changes of these rows of a v0 table, oldest first."""
        found: dict[str, list[Entry]] = {}
        # Only tables of v0 are in it, and their key is a uuid.
        if not self._readable or not keys or table.schema != "public" or "id" not in {c.name for c in table.columns if c.type == "uuid"}:
            return found
        for key, kind, old, new in self._connection.execute(_ENTRIES, {"table": table.name, "keys": list(keys)}):
            values = (json.loads(value or "{}", parse_float=str, parse_int=str) or {} for value in (old, new))
            found.setdefault(key, []).append(Entry(kind, *values))
        return found

    @staticmethod
    def explains(entries: Sequence[Entry], kind: Kind, columns: Sequence[str], was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
        """Whether the migration alone made the row what it is: it took it out, or led every column from its old value to its new."""
        if kind == "deleted":
            return any(entry.kind in _TAKEN_OUT for entry in entries)
        if kind == "new":
            return False
        for column in columns:
            changes = [entry for entry in entries if column in entry.old and column in entry.new]
            if not changes or changes[0].old[column] != was[column] or changes[-1].new[column] != now[column]:
                return False
        return True
