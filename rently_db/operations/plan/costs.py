"""What steps cost, by rules of thumb: measured on a book of 10,000 loans (a million rows), PostgreSQL 18, one core of a shared machine.

Pure functions: sizes in, ranges out. Seconds are those of that machine; the planner multiplies them by how much slower the server at hand
is. Waiting for locks is not in them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rently_db.migrate.actions import Mode
from rently_db.migrate.steps import Yield
from rently_db.operations.plan.model import Span
from rently_db.operations.plan.server import PAGE, Column, Size

_STEP_SECONDS = {Mode.DDL: 0.004, Mode.CONCURRENT: 0.012, Mode.VALIDATE: 0.005, Mode.DATA: 0.005, Mode.LOOP: 0.005, Mode.BATCH: 0.015}
"""A step on empty tables: its transactions and its record."""
_INDEX_ROW = 0.9e-6
_EXCLUSION_ROW = 28e-6
_VALIDATE_ROW = 1.4e-6
_LOOK_ROW = 1.0e-6
_DIGEST_BYTE = 24e-9
_WRITE_ROW = 26e-6
_WRITE_ENTRY = 2.5e-6
_MODEL = (0.5, 3.0)
"""How far a rule of thumb may be from the truth, below and above."""

_ENTRY = 12
"""Bytes of an index entry besides its key: header and line pointer."""
_POSTING = 6.5
"""Bytes of a repeated key's entry from PostgreSQL 13 on, which keeps a list of rows for each key."""
_FILL = 0.9
_EXCLUSION_ENTRY = 120
_EMPTY_INDEX = 2 * PAGE
_JOURNAL_ENTRY = 450
"""Bytes of an entry of ops.row_journal, its indexes included."""
_WORKLIST_ENTRY = 120
"""Bytes of an entry of ops.worklist, its index included."""
_NEW_ROW = 150

_INDEX = re.compile(
    r"CREATE (?P<unique>UNIQUE )?INDEX CONCURRENTLY \w+ ON public\.\w+ (?:USING \w+ )?\((?P<key>.*?)\)(?: WHERE (?P<where>.*))?$", re.DOTALL
)


def index_bytes(sql: str, size: Size, version: int) -> Span:
    """The bytes of a new index, from its CREATE INDEX, the widths of its key columns and the table's rows."""
    matched = _INDEX.search(sql)
    if matched is None:
        return Span(_EMPTY_INDEX, _EMPTY_INDEX + 60 * size.rows)
    columns = [size.columns.get(name, Column(8, 1.0, 1.0)) for name in re.findall(r"[a-z_]+", matched["key"]) if _is_column(name, size)]
    rows = float(size.rows)
    low = rows
    where = matched["where"]
    if where:
        not_null = re.fullmatch(r"\(?(\w+) IS NOT NULL\)?", where.strip())
        known = size.columns.get(not_null[1]) if not_null else None
        rows = rows * (1 - known.nulls) if known else rows
        low = rows if known else 0.0
    width = sum(-(-column.width // 8) * 8 * (1 - column.nulls) for column in columns) or 16
    entry = _ENTRY + width
    repeated = bool(columns) and version >= 130000 and not matched["unique"] and _distinct(columns, rows) * 3 < rows
    smallest = _POSTING if repeated else entry
    return Span(_EMPTY_INDEX + low * smallest, _EMPTY_INDEX + rows * entry / _FILL)


def _is_column(name: str, size: Size) -> bool:
    return name in size.columns or name.endswith(("_id", "_at", "_date", "_by"))


def _distinct(columns: Sequence[Column], rows: float) -> float:
    """How many different keys there are at most."""
    found = 1.0
    for column in columns:
        found *= max(column.distinct if column.distinct >= 0 else -column.distinct * rows, 1.0)
    return min(found, rows)


def step_seconds(mode: Mode) -> Span:
    """A step that touches no rows."""
    return Span(_STEP_SECONDS[mode], _STEP_SECONDS[mode]).times(*_MODEL)


def commit_seconds(*, durable: bool) -> Span:
    """What the disk adds to a step: its record is begun, its work done and its duration noted, each in a transaction."""
    return Span(3 * 0.0003, 3 * 0.01) if durable else Span()


def step_wal() -> Span:
    """The WAL of a step that touches no rows: the catalogue and its record."""
    return Span(1_000, 8_000)


def index_seconds(size: Size) -> Span:
    """Building an index: the table is read twice, its keys are sorted."""
    return Span(_INDEX_ROW, _INDEX_ROW).times(size.rows).times(*_MODEL)


def exclusion(size: Size) -> tuple[Span, Span]:
    """Seconds and bytes of an exclusion constraint, whose index is built row by row; nothing on a table that is new."""
    return Span(_EXCLUSION_ROW, _EXCLUSION_ROW).times(size.rows).times(*_MODEL), Span(0.5, 1.0).times(_EXCLUSION_ENTRY * size.rows)


def validate_seconds(size: Size) -> Span:
    """Reading a table to see that a rule holds."""
    return Span(_VALIDATE_ROW, _VALIDATE_ROW).times(size.rows).times(*_MODEL)


def look_seconds(rows: int) -> Span:
    """Looking through a table for rows that a condition picks."""
    return Span(_LOOK_ROW, _LOOK_ROW).times(rows).times(*_MODEL)


def digest_seconds(size: Size) -> Span:
    """Measuring a table for its account: counts, sums and digests over every value."""
    return Span(_DIGEST_BYTE, _DIGEST_BYTE).times(size.table_bytes).times(*_MODEL)


@dataclass(frozen=True, slots=True)
class Written:
    """What writing so many rows of a table costs (``low`` to ``high`` rows): seconds, bytes, WAL."""

    seconds: Span
    disk: Span
    wal: Span


def written(rows: Span, size: Size, indexes: int, *, journalled: bool, full_pages: bool) -> Written:
    """Rows written again, with their entries in ``indexes`` indexes unless the new version fits beside the old one.

    ``journalled``: each has an entry in ops.row_journal as well. ``full_pages``: WAL holds a whole page the first time it is touched
    after a checkpoint.
    """
    width = size.table_bytes / size.rows if size.rows else _NEW_ROW
    entries = indexes * (_ENTRY + 16) / _FILL
    beside = _JOURNAL_ENTRY if journalled else 0
    disk = Span(rows.low * (width * 0.1 + beside), rows.high * (width + entries + beside))
    wal = Span(rows.low * (width + beside), rows.high * (1.2 * (width + beside) + 3 * entries))
    if full_pages:
        wal = wal + Span(0.0, PAGE * min(rows.high * (1 + indexes), size.pages + size.index_bytes / PAGE))
    second = _WRITE_ROW + _WRITE_ENTRY * indexes
    return Written(rows.times(second).times(*_MODEL), disk, wal)


def beside(rows: int, each: Yield) -> Written:
    """What going through rows costs beside writing them: what the revision says of its own work."""
    disk = Span(rows * each.bytes * 0.2, rows * each.bytes)
    return Written(Span(rows * each.us * 1e-6, rows * each.us * 1e-6).times(*_MODEL), disk, disk.times(1.5))


def worklist(rows: Span) -> Span:
    """The bytes of the list of rows that a step has found."""
    return rows.times(_WORKLIST_ENTRY)
