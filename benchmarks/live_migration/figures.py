"""From what was recorded to what is reported."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.live_migration.client import Record
from benchmarks.live_migration.live import Period
from benchmarks.live_migration.watch import INTERVAL, Watch

BUDGET_MS = 1000.0
"""The lock budget: how long the migration may keep a statement waiting."""


@dataclass(frozen=True, slots=True)
class Service:
    """How clients were served in a period. Latencies in milliseconds, of statements and commits, the wait for locks included.

    ``availability`` is the share of statements that succeeded within the budget, ``windows`` that of the seconds of each client in which
    all did (both 0 to 1). ``latest_ms`` is the longest time between the moment at which something was due and its end: what queued up.
    """

    seconds: float
    statements: int
    failures: int
    prepared_again: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    slowest: str
    over_budget: int
    availability: float
    windows: float
    latest_ms: float
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits for locks that the migration caused: how many statements were seen waiting, and the longest of them as its client felt it.

    ``behind`` is what the migration ran at that moment. Of the times between two looks at the server ``gap_p99_ms`` is the 99th
    percentile, ``gap_max_ms`` the longest: a shorter wait may have gone unseen.
    """

    statements: int
    longest_ms: float
    behind: str
    gap_p99_ms: float
    gap_max_ms: float


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the ordered values does not exceed; 0 of none."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else 0.0


def service(records: Sequence[Record], period: Period) -> Service:
    """How the clients were served: all statements that ran at any moment of the period."""
    statements = [
        (took, name)
        for record in records
        for name, began, took in record.statements
        if began < period.end and began + took / 1000 >= period.begin and not name.startswith("connect")
    ]
    things = [thing for record in records for thing in record.things if period.begin <= thing[2] < period.end]
    errors = [error for _, _, _, error in things if error is not None]
    ordered = sorted(took for took, _ in statements)
    longest, slowest = max(statements, default=(0.0, ""))
    slow = sum(took > BUDGET_MS for took in ordered)
    # A statement that failed late is counted as slow and as failed, and so at worst twice.
    good = max(len(ordered) - slow - len(errors), 0)
    return Service(
        seconds=round(period.seconds, 1),
        statements=len(ordered),
        failures=len(errors),
        prepared_again=sum(period.begin <= moment < period.end for record in records for moment in record.prepared_again),
        p50_ms=round(percentile(ordered, 0.5), 2),
        p99_ms=round(percentile(ordered, 0.99), 2),
        p999_ms=round(percentile(ordered, 0.999), 2),
        max_ms=round(longest, 1),
        slowest=slowest,
        over_budget=slow,
        availability=good / len(ordered) if ordered else 0.0,
        windows=_windows(records, period),
        latest_ms=round(max(((end - due) * 1000 for _, due, end, _ in things), default=0.0), 1),
        errors=tuple(dict.fromkeys(errors))[:10],
    )


def _windows(records: Sequence[Record], period: Period) -> float:
    """The share of (client, second) in which something ran, and nothing failed or overran the budget."""
    used: set[tuple[int, int]] = set()
    spoilt: set[tuple[int, int]] = set()
    for number, record in enumerate(records):
        for _, began, took in record.statements:
            seconds = {(number, second) for second in range(int(began), int(began + took / 1000) + 1)}
            used |= seconds
            if took > BUDGET_MS:
                spoilt |= seconds
        spoilt |= {(number, int(end)) for _, _, end, error in record.things if error is not None}
    inside = {(number, second) for number, second in used | spoilt if period.begin <= second < period.end - 1}
    return 1 - len(spoilt & inside) / len(inside) if inside else 0.0


def waits(records: Sequence[Record], watch: Watch) -> Waits:
    """The waits that the migration caused, found at the server, measured at the client."""
    by_pid = {record.pid: record for record in records}
    felt: list[tuple[float, str]] = []
    for wait in watch.waits:
        record = by_pid.get(wait.pid)
        if record is None:  # autovacuum, or another program of the administrator
            continue
        # The statement that ran when the wait was seen. One whose end was not recorded lasted at least as long as it was seen.
        seen = [took for _, began, took in record.statements if began <= wait.first <= began + took / 1000]
        felt.append((max(seen, default=(wait.last - wait.first + INTERVAL) * 1000), wait.behind))
    longest, behind = max(felt, default=(0.0, ""))
    gaps = sorted(gap * 1000 for gap in watch.gaps)
    return Waits(len(felt), round(longest, 1), behind, round(percentile(gaps, 0.99), 1), round(max(gaps, default=0.0), 1))
