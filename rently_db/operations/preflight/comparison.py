"""The baseline of before the migration against the database of now: what its tables hold, and how long its statements take.

A table that holds something else is explained if the accounts that the migration kept (``ops.account``) lead from what the file says to
what is there now. Where applications wrote before the first account was opened, or after the last was closed, nobody counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from rently_db.migrate.content import TABLES, Content, compare, measure
from rently_db.migrate.preflight.schema import readable_tables
from rently_db.operations.sessions import current_revision
from rently_db.operations.statements import Busy, busiest

_MAKE = "write one with rently-db preflight --baseline FILE"
_ALL = 100_000
"""More statements than pg_stat_statements keeps."""
_ACCOUNTS = text(
    """
    SELECT a.table_name, a.rows_before, a.digest_before, a.rows_after, a.digest_after, coalesce(a.closes, false) FROM ops.account AS a
    ORDER BY a.table_name, a.id
    """
)


class Fate(StrEnum):
    """How what a table holds now comes from what it held."""

    SAME = "same"
    EXPLAINED = "explained"
    """The accounts of the migration lead from the one to the other."""
    WRITTEN = "written"
    """The accounts close, but applications wrote before the first was opened or after the last was closed, when nobody counted."""
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class TableChange:
    """One table: what differs, a sentence each, and whether it is explained."""

    table: str
    fate: Fate
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementChange:
    """One statement of the file: milliseconds a call then and since; None where it was not called since. ``calls`` are those since."""

    query: str
    calls: int
    mean_before_ms: float
    mean_after_ms: float | None
    ratio: float | None
    status: str
    """slower or faster (by half, and by more than a millisecond a call), same, not called."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole of it; ``statements_missing`` says why there are no statements to compare."""

    taken_at: str
    revision: str | None
    bytes_before: int
    bytes_after: int
    tables: tuple[TableChange, ...]
    statements: tuple[StatementChange, ...]
    statements_missing: str

    @property
    def unexplained(self) -> list[TableChange]:
        """The tables whose difference nothing explains."""
        return [table for table in self.tables if table.fate is Fate.UNEXPLAINED]

    def as_json(self) -> dict[str, Any]:
        """The stable shape that ``--json`` prints."""
        return {**asdict(self), "statements_missing": self.statements_missing or None, "unexplained": len(self.unexplained)}


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline file says."""

    taken_at: str
    bytes: int
    tables: Mapping[str, Content]
    statements: Sequence[Busy]
    statements_missing: str


def read_baseline(path: Path) -> Baseline:
    """Read a file that ``take_baseline`` made.

    Raises:
        CommandError: there is none, or it is something else.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["format"] != 1:
            raise CommandError(f"{path} is a baseline of format {kept['format']!r}, and this release reads 1; {_MAKE}")
        tables = {
            name: Content(
                int(table["rows"]),
                int(table["digest"]),
                {(money["column"], money["currency"]): Decimal(money["sum"]) for money in table["money"]},
            )
            for name, table in kept["tables"].items()
        }
        statements = [Busy(**statement) for statement in kept["statements"] or ()]
        return Baseline(str(kept["taken_at"]), int(kept["bytes"]), tables, statements, str(kept["statements_missing"] or ""))
    except OSError as problem:
        raise CommandError(f"{path} can't be read: {problem.strerror}; {_MAKE}") from problem
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as problem:
        raise CommandError(f"{path} is no baseline; {_MAKE}") from problem


def compare_baseline(engine: Engine, before: Baseline) -> Comparison:
    """Compare; the database is only read."""
    with engine.connect() as connection:
        revision = current_revision(connection)
        accounts = _accounts(connection) if revision is not None else {}
        names = readable_tables(connection) & before.tables.keys()
        connection.rollback()
        after = measure(connection, [table for name, table in TABLES.items() if name in names])
        connection.rollback()
        now, missing = busiest(connection, _ALL)
        size = int(str(connection.scalar(text("SELECT pg_database_size(current_database())"))))
    return Comparison(
        before.taken_at,
        revision,
        before.bytes,
        size,
        tuple(_table(name, held, after.get(name), accounts.get(name, ())) for name, held in sorted(before.tables.items())),
        () if missing else tuple(_statements(before.statements, now)),
        before.statements_missing or missing,
    )


_State = tuple[int, int]
"""Rows and digest."""


@dataclass(frozen=True, slots=True)
class _Way:
    """What an account says of a table: what it held before and after a way through the revisions, and whether that adds up."""

    before: _State
    after: _State | None
    closes: bool


def _accounts(connection: Connection) -> dict[str, list[_Way]]:
    found: dict[str, list[_Way]] = {}
    if connection.scalar(text("SELECT to_regclass('ops.account') IS NULL")):
        return found
    for table, rows, digest, rows_after, digest_after, closes in connection.execute(_ACCOUNTS):
        after = None if rows_after is None else (int(rows_after), int(digest_after))
        found.setdefault(table, []).append(_Way((int(rows), int(digest)), after, bool(closes)))
    return found


def _table(name: str, held: Content, holds: Content | None, ways: Sequence[_Way]) -> TableChange:
    differences = tuple(map(str, compare({name: held}, {} if holds is None else {name: holds})))
    if holds is None:
        return TableChange(name, Fate.UNEXPLAINED, differences or (f"{name}: the table is missing, or may not be read",))
    if not differences:
        return TableChange(name, Fate.SAME)
    start, end = (held.rows, held.digest), (holds.rows, holds.digest)
    # A journey back and forth has several accounts; those before the file was written are not ours.
    first = max((number for number, way in enumerate(ways) if way.before == start), default=None)
    since = ways[first:] if first is not None else ways[-1:]
    if not since or not all(way.closes for way in since):
        return TableChange(name, Fate.UNEXPLAINED, differences)
    linked = first is not None and since[-1].after == end and all(a.after == b.before for a, b in pairwise(since))
    return TableChange(name, Fate.EXPLAINED if linked else Fate.WRITTEN, differences)


def _statements(before: Sequence[Busy], after: Sequence[Busy]) -> Iterator[StatementChange]:
    """Match by the text: the number of a statement differs between servers, and where a table was made anew."""
    now = {statement.query: statement for statement in after}
    for former in before:
        latter = now.get(former.query)
        calls, total = (0, 0.0) if latter is None else (latter.calls, latter.total_ms)
        if calls >= former.calls and total >= former.total_ms:
            # The counters went on. Had they been reset, all that they say would be of the time since.
            calls, total = calls - former.calls, total - former.total_ms
        mean = round(total / calls, 3) if calls else None
        ratio = round(mean / former.mean_ms, 2) if mean is not None and former.mean_ms else None
        yield StatementChange(former.query, calls, former.mean_ms, mean, ratio, _status(former.mean_ms, mean))


def _status(before: float, after: float | None) -> str:
    if after is None:
        return "not called"
    if after > 1.5 * before and after > before + 1:
        return "slower"
    return "faster" if before > 1.5 * after and before > after + 1 else "same"
