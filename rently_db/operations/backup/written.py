"""Rows written in a live database since a backup of it was taken: what a switch to the backup would lose."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import URL, Connection, NullPool, text

from rently_db.database import make_engine, masked
from rently_db.migrate.baseline import BaselineColumn
from rently_db.migrate.content import Table, all_tables, compare, measure_table, snapshot
from rently_db.operations.backup.databases import session
from rently_db.operations.backup.errors import BackupError, database_errors
from rently_db.operations.backup.journal import Journal
from rently_db.operations.backup.merge import Kind, Pair, chunks, differing, fetched, stream
from rently_db.operations.backup.tools import Progress

# The migration's own records: not the business's, and a restored database keeps its own.
_NOT_COMPARED = {"ops"}
_DERIVED = "analytics"
WORKED_OUT = "worked out from the other tables, and worked out anew when the backup is migrated"
"""The note of a table of figures that a backup from before v1 lacks: nothing is lost with it."""

_PRIMARY_KEY = text(
    """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_index AS i
    CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, place)
    INNER JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = CAST(:name AS regclass) AND i.indisprimary ORDER BY k.place
    """
)
_IDENTITY = text(
    """
    SELECT d.oid::text || ' ' || pg_postmaster_start_time()::text || ' ' || current_setting('port')
    FROM pg_database AS d WHERE d.datname = current_database()
    """
)


@dataclass(frozen=True, slots=True)
class TableWrites:
    """How many rows of a table are only in the live database, are not as in the backup, or are only in the backup.

    ``by_migration`` counts, apart from those, rows that differ only by what the migration itself repaired or took out, as its journal
    says, and figures that it worked out where the backup has no such table. ``note`` is a sentence on what could not be compared.
    """

    table: str
    new: int = 0
    changed: int = 0
    deleted: int = 0
    by_migration: int = 0
    note: str | None = None

    @property
    def rows(self) -> int:
        """What a switch would lose."""
        return self.new + self.changed + self.deleted


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two databases, each in its snapshot, and where rows are listed."""

    live: Connection
    copy: Connection
    journal: Journal
    out: IO[str] | None


def check_source(source: URL, target: URL) -> None:
    """Raise BackupError if the live database can't be reached, or if it is the very database that is restored into."""
    with session(source) as live:
        here = live.scalar(_IDENTITY)
    try:
        with session(target) as restored:
            there = restored.scalar(_IDENTITY)
    except BackupError:  # it is not made yet
        return
    if here == there:
        raise BackupError(f"{masked(source)} is the database to restore into; name the live one to compare with")


def written_since(source: URL, restored: URL, out: IO[str] | None = None, progress: Progress = lambda *_: None) -> list[TableWrites]:
    """What the live database ``source`` holds that the restored backup does not, table by table, schema ops aside.

    Rows are told apart by primary key, and compared over the columns both sides have. Each goes to ``out`` as a line of JSON:
    ``table``, ``kind`` (new, changed, deleted), ``by_migration``, ``columns`` (those that differ; null unless changed), ``live`` and
    ``backup`` (the whole row, or null). Memory does not grow with the tables: rows come in key order from both sides.
    Raises HalfWayError if one of the servers fails.
    """
    engines = [make_engine(url, poolclass=NullPool) for url in (source, restored)]
    try:
        with (
            database_errors(source),
            engines[0].connect() as live,
            engines[1].connect() as copy,
            snapshot(live),
            snapshot(copy),
        ):
            return list(_compared(_Sides(live, copy, Journal(live), out), progress))
    finally:
        for engine in engines:
            engine.dispose()


def _compared(sides: _Sides, progress: Progress) -> Iterator[TableWrites]:
    ours, theirs = (
        {table.label: table for table in all_tables(side) if table.schema not in _NOT_COMPARED} for side in (sides.live, sides.copy)
    )
    names = sorted(ours.keys() | theirs.keys(), key=_parents_first())
    for number, name in enumerate(names, 1):
        here, there = ours.get(name), theirs.get(name)
        if here is not None and there is not None:
            yield _rows(sides, here, there)
        elif here is not None and here.schema == _DERIVED:
            rows = _whole(sides.live, here, "new", None)
            yield TableWrites(name, by_migration=rows, note=WORKED_OUT if rows else None)
        elif here is not None:
            rows = _whole(sides.live, here, "new", sides.out)
            yield TableWrites(name, new=rows, note="the backup does not have this table" if rows else None)
        elif there is not None:
            rows = _whole(sides.copy, there, "deleted", sides.out)
            yield TableWrites(name, deleted=rows, note="the live database does not have this table" if rows else None)
        progress("compared", number, len(names))


def _parents_first() -> Callable[[str], tuple[int, str]]:
    """A sort key: tables in an order in which rows can be inserted, then the others by name."""
    from rently_db.models import metadata

    places = {table.name: place for place, table in enumerate(metadata.sorted_tables)}
    return lambda name: (places.get(name, len(places)), name)


def _rows(sides: _Sides, here: Table, there: Table) -> TableWrites:
    common = {column.name for column in here.columns} & {column.name for column in there.columns}
    ours, theirs = (Table(t.name, tuple(c for c in t.columns if c.name in common), t.schema) for t in (here, there))
    pair = Pair(ours, theirs, _key(sides.live, here))
    only = [column.name for column in here.columns if column.name not in common]
    note = f"the backup does not have, so these were not compared: {', '.join(only)}" if only else None
    if not pair.key or not {column.name for column in pair.key} <= common:
        # Not ==, for which NaN differs from itself.
        equal = not compare({here.label: measure_table(sides.live, ours)}, {here.label: measure_table(sides.copy, theirs)})
        unclear = "its content differs; without a primary key its rows can't be told apart"
        return TableWrites(here.label, note=note if equal else unclear)
    counts: Counter[str] = Counter()
    for found in chunks(differing(sides.live, sides.copy, pair)):
        counts.update(_judged(sides, pair, found))
    return TableWrites(here.label, counts["new"], counts["changed"], counts["deleted"], counts["by_migration"], note)


def _key(connection: Connection, table: Table) -> tuple[BaselineColumn, ...]:
    return tuple(BaselineColumn(name, type_name) for name, type_name in connection.execute(_PRIMARY_KEY, {"name": table.sql}))


def _judged(sides: _Sides, pair: Pair, found: list[tuple[Kind, str]]) -> Iterator[str]:
    """Say of each row what it counts as, and list it. Its text stays what PostgreSQL gave."""
    ours = fetched(sides.live, pair.live, pair, [key for kind, key in found if kind != "deleted"])
    theirs = fetched(sides.copy, pair.restored, pair, [key for kind, key in found if kind != "new"])
    known = sides.journal.of(pair.live, [key for kind, key in found if kind != "new"])
    for kind, key in found:
        # Numbers as they are written: 1.5 and 1.50 differ.
        now, was = (json.loads(side.get(key, "{}"), parse_float=str, parse_int=str) for side in (ours, theirs))
        differ = [column.name for column in pair.live.columns if now[column.name] != was[column.name]] if kind == "changed" else None
        migrated = sides.journal.explains(known.get(key, []), kind, differ or [], was, now)
        if sides.out is not None:
            sides.out.write(_line(pair.live.label, kind, differ, ours.get(key), theirs.get(key), migrated=migrated))
        yield "by_migration" if migrated else kind


def _whole(connection: Connection, table: Table, kind: Kind, out: IO[str] | None) -> int:
    """List every row of a table that the other side does not have."""
    if out is None:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table.sql}").scalar_one())
    count = 0
    for (row,) in stream(connection, f"SELECT to_jsonb(t)::text FROM {table.sql} AS t"):
        out.write(_line(table.label, kind, None, *((row, None) if kind == "new" else (None, row))))
        count += 1
    return count


def _line(table: str, kind: Kind, columns: list[str] | None, live: str | None, backup: str | None, *, migrated: bool = False) -> str:
    facts: dict[str, Any] = {"table": table, "kind": kind, "by_migration": migrated, "columns": columns}
    return f'{json.dumps(facts)[:-1]}, "live": {live or "null"}, "backup": {backup or "null"}}}\n'
