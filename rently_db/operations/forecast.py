"""How much disk and WAL an upgrade needs, from the sizes of the tables; nothing here talks to a server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rently_db.migrate.steps import Backfill, Exclusion, Index, Unique

METHOD = (
    "new indexes 40 bytes a row; rows that are derived written once more, 1 % of the others; figures as the revision says; "
    "WAL twice that and every page once"
)
"""How it is computed, in one line."""

_INDEX_ENTRY = 40
_EXCLUSION_ENTRY = 120
_REPAIRED = 0.01
_ROW_OF_NEW_TABLE = 150


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table as PostgreSQL knows it: rows (estimated), bytes of the table with TOAST, bytes of its indexes."""

    rows: int
    table_bytes: int
    index_bytes: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an upgrade needs, in bytes: upper bounds rather than averages."""

    index_bytes: int
    """New indexes."""
    rewritten_bytes: int
    """Rows written again or for the first time, with their entries in indexes; the old versions are used again after a vacuum."""
    sort_bytes: int
    """Temporary files of the biggest index build."""
    wal_bytes: int
    """WAL written; it stays as long as a checkpoint, an archive, a replica or a slot needs it."""

    @property
    def data_bytes(self) -> int:
        """What the data directory needs besides WAL."""
        return self.index_bytes + self.rewritten_bytes + self.sort_bytes


def forecast(tables: Mapping[str, TableSize], steps: Iterable[object]) -> Forecast:
    """What these steps (see `rently_db.migrate.steps.flat`) need on tables of these sizes; tables not named are empty."""
    steps = list(steps)
    sizes = {**_filled(tables, steps), **tables}
    empty = TableSize(0, 0, 0)
    new: dict[str, list[int]] = {}
    for step in steps:
        if isinstance(step, Index | Unique | Exclusion):
            entry = _EXCLUSION_ENTRY if isinstance(step, Exclusion) else _INDEX_ENTRY
            new.setdefault(step.table, []).append(entry * sizes.get(step.table, empty).rows)
    written = sum(size.table_bytes for name, size in sizes.items() if name not in tables)
    written += sum(step.each.bytes * sizes.get(step.table, empty).rows for step in steps if isinstance(step, Backfill))
    for name, share in _touched(steps).items():
        size = sizes.get(name, empty)
        written += int(share * (size.table_bytes + size.index_bytes + sum(new.get(name, ()))))
    index_bytes = sum(sum(each) for each in new.values())
    pages = sum(size.table_bytes for size in tables.values())
    return Forecast(
        index_bytes=index_bytes,
        rewritten_bytes=written,
        sort_bytes=max((max(each) for each in new.values()), default=0),
        wal_bytes=2 * (index_bytes + written) + pages,
    )


def _filled(tables: Mapping[str, TableSize], steps: Iterable[object]) -> dict[str, TableSize]:
    """The tables that the steps fill from those that are there, one row for one."""
    found = {}
    for step in steps:
        if isinstance(step, Backfill):
            for name in re.findall(r"INSERT INTO public\.(\w+)", step.sql):
                rows = tables[step.table].rows if step.table in tables else 0
                if name not in tables:
                    found[name] = TableSize(rows, rows * _ROW_OF_NEW_TABLE, 0)
    return found


def _touched(steps: Iterable[object]) -> dict[str, float]:
    """Table -> how often each of its rows is written."""
    shares: dict[str, float] = {}
    for step in steps:
        if isinstance(step, Backfill):
            shares[step.table] = shares.get(step.table, 0.0) + (1.0 if step.derives else _REPAIRED)
    return shares


def readable(size: float) -> str:
    """Bytes for people: 640 MB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(size) < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"
