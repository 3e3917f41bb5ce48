"""What a plan says: per step its locks, rows, bytes and seconds. Everything that is not counted is a range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rently_db.migrate.actions import Lock, Mode


@dataclass(frozen=True, slots=True)
class Span:
    """From ``low`` to ``high``, in the unit of the field that holds it."""

    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    @classmethod
    def sum(cls, spans: Iterable[Span]) -> Span:
        """All of them together."""
        total = cls()
        for span in spans:
            total = total + span
        return total

    def times(self, low: float, high: float | None = None) -> Span:
        """Both ends multiplied, the upper one by ``high`` where it is given."""
        return Span(self.low * low, self.high * (low if high is None else high))

    def whole(self) -> dict[str, int]:
        """For JSON, in whole units."""
        return {"low": round(self.low), "high": round(self.high)}

    def precise(self) -> dict[str, float]:
        """For JSON, to the millisecond."""
        return {"low": round(self.low, 3), "high": round(self.high, 3)}


class Source(StrEnum):
    """Where a number of rows comes from."""

    COUNTED = "counted"
    """By a query, at the moment of the plan."""
    SAMPLED = "sampled"
    """In some of the table's pages, and projected."""
    STATISTICS = "statistics"
    """From what PostgreSQL's last ANALYZE or VACUUM believed."""
    JOURNAL = "journal"
    """The entries of ops.row_journal that wait to be taken back."""
    AT_MOST = "at most"
    """The whole table; how many of its rows it will be is not known before."""
    UNKNOWN = "unknown"
    """Few as a rule: what a rule across rows or tables finds."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a step writes: the best guess, and the most it may be (None where nobody can say)."""

    likely: int | None
    most: int | None
    source: Source

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"likely": self.likely, "most": self.most, "source": self.source.value}


class StepState(StrEnum):
    """Whether a step will run."""

    TO_DO = "to do"
    BEGUN = "begun"
    DONE = "done"
    NOTHING = "nothing to do"
    """What it would bring about is so already, and no earlier step of the plan changes that."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, bytes of the database's files, bytes of WAL. ``basis`` says what the seconds rest on."""

    seconds: Span = Span()
    disk: Span = Span()
    wal: Span = Span()
    basis: str = "model"


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step, as it will be done now.

    ``reads_rows`` and ``reads_bytes`` are of the tables it reads through; ``waits_for`` names, one sentence each, who holds a lock or a
    snapshot now that it would wait for.
    """

    title: str
    kind: str
    table: str | None
    mode: Mode
    state: StepState
    locks: tuple[Lock, ...] = ()
    rows: Rows | None = None
    reads_rows: int = 0
    reads_bytes: int = 0
    cost: Cost = field(default_factory=Cost)
    waits_for: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether there is something left to do."""
        return self.state in (StepState.TO_DO, StepState.BEGUN)

    @property
    def blocks(self) -> str | None:
        """Whom it keeps out while it holds its locks: ``readers`` (and writers), ``writers``, or nobody (None)."""
        if any(lock.blocks_readers for lock in self.locks):
            return "readers"
        return "writers" if any(lock.blocks_writers for lock in self.locks) else None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "title": self.title,
            "mode": self.mode.value,
            "state": self.state.value,
            "locks": [{"mode": lock.mode, "relation": lock.relation} for lock in self.locks],
            "blocks": self.blocks,
            "rows": self.rows.as_json() if self.rows else None,
            "reads_rows": self.reads_rows,
            "reads_bytes": self.reads_bytes,
            "disk_bytes": self.cost.disk.whole(),
            "wal_bytes": self.cost.wal.whole(),
            "seconds": self.cost.seconds.precise(),
            "seconds_from": self.cost.basis,
            "waits_for": list(self.waits_for),
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """Steps that are left, added up. ``writers`` and ``readers`` count the moments that keep them out of a table."""

    steps: int
    done: int
    writers: int
    readers: int
    rows: int
    seconds: Span
    disk: Span
    wal: Span

    @classmethod
    def of(cls, steps: Iterable[StepPlan]) -> Totals:
        """The totals of these steps."""
        steps = list(steps)
        left = [step for step in steps if step.open]
        return cls(
            len(left),
            len(steps) - len(left),
            sum(step.blocks is not None for step in left),
            sum(step.blocks == "readers" for step in left),
            sum(step.rows.likely or 0 for step in left if step.rows and step.mode in (Mode.BATCH, Mode.LOOP)),
            Span.sum(step.cost.seconds for step in left),
            Span.sum(step.cost.disk for step in left),
            Span.sum(step.cost.wal for step in left),
        )

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "steps_left": self.steps,
            "steps_done": self.done,
            "moments_that_block_writers": self.writers,
            "moments_that_block_readers": self.readers,
            "rows": self.rows,
            "seconds": self.seconds.precise(),
            "disk_bytes": self.disk.whole(),
            "wal_bytes": self.wal.whole(),
        }


@dataclass(frozen=True, slots=True)
class RevisionPlan:
    """The steps of one revision in one direction."""

    revision: str
    direction: str
    steps: tuple[StepPlan, ...]

    @property
    def totals(self) -> Totals:
        """Its steps added up."""
        return Totals.of(self.steps)


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """What a run from here to ``target`` will do. ``basis`` says in a sentence what its durations rest on."""

    database: str
    server_version: int
    current: str | None
    target: str | None
    direction: str
    lock_seconds: float
    basis: str
    notes: tuple[str, ...]
    revisions: tuple[RevisionPlan, ...]

    def steps(self) -> Iterator[StepPlan]:
        """All steps, in order."""
        for revision in self.revisions:
            yield from revision.steps

    @property
    def totals(self) -> Totals:
        """All steps added up."""
        return Totals.of(self.steps())

    def as_json(self) -> dict[str, Any]:
        """The shape that ``rently-db plan --json`` prints."""
        return {
            "database": self.database,
            "server_version": self.server_version,
            "current": self.current,
            "target": self.target,
            "direction": self.direction,
            "lock_budget_seconds": self.lock_seconds,
            "durations_from": self.basis,
            "notes": list(self.notes),
            "totals": self.totals.as_json(),
            "revisions": [
                {
                    "revision": revision.revision,
                    "direction": revision.direction,
                    "totals": revision.totals.as_json(),
                    "steps": [step.as_json() for step in revision.steps],
                }
                for revision in self.revisions
            ],
        }
