"""What earlier runs left in ``ops.migration_step``: how long each step took, there or on a rehearsed copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from rently_db.operations.plan.model import Cost, Span
from rently_db.operations.plan.server import Size

_LONG_ENOUGH = 0.02
"""Seconds below which a step's duration says more about the server's mood than about its speed."""
_REHEARSED = (0.7, 1.6)
"""How far the same step on another day may be from its rehearsal, below and above."""

Key = tuple[str, str, str]
"""Revision, direction, title."""


@dataclass(frozen=True, slots=True)
class Record:
    """A step of an earlier run: its state, seconds and rows."""

    state: str
    seconds: float
    rows: int

    @property
    def complete(self) -> bool:
        """Whether it was done to its end, and not undone since."""
        return self.state == "done"

    @property
    def running(self) -> bool:
        """Whether it was begun and not ended."""
        return self.state == "running"


def read_record(connection: Connection) -> dict[Key, Record]:
    """All steps on record by revision, direction and title; nothing for a database that was never under migration."""
    query = "SELECT s.revision, s.direction, s.step, s.state, s.seconds::float8, s.rows_touched FROM ops.migration_step AS s"
    try:
        found = connection.exec_driver_sql(query).all()
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise
        return {}
    return {(revision, direction, step): Record(state, seconds, rows) for revision, direction, step, state, seconds, rows in found}


def compared(pairs: Iterable[tuple[float, float]]) -> tuple[float, int]:
    """How much longer steps took than was predicted, all together, and how many were long enough to tell."""
    told = [(predicted, took) for predicted, took in pairs if took >= _LONG_ENOUGH and predicted > 0]
    return (sum(took for _, took in told) / sum(predicted for predicted, _ in told), len(told)) if told else (1.0, 0)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The record of a copy on which the migration was carried out, and the copy's sizes."""

    record: Mapping[Key, Record]
    sizes: Mapping[str, Size]

    def cost(self, key: Key, table: str | None, size: Size, cost: Cost) -> Cost:
        """The cost with the seconds of the rehearsed step, in the proportion of the table's rows here and there."""
        past = self.record.get(key)
        if past is None or not past.complete:
            return cost
        there = self.sizes.get(table or "")
        share = size.rows / there.rows if there and there.rows and size.rows else 1.0
        seconds = Span(past.seconds, past.seconds).times(share).times(*_REHEARSED)
        return replace(cost, seconds=seconds, basis="rehearsed")
