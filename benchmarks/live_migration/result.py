"""The result of a run: what is written as JSON, and what it promised."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.live_migration.figures import BUDGET_MS, Service, Waits
from benchmarks.live_migration.live import Load
from benchmarks.places import Machine

FULL_SIZE = 50_000
"""Loans from which on the ratio to the offline run is promised: in a small book the fixed costs of a deployment outweigh the work."""


@dataclass(frozen=True, slots=True)
class Way:
    """One direction: seconds and MB of write-ahead log of both runs (the live one's with the clients' writes), and their ratio.

    ``checks_seconds`` is the part of the live time before the first change; the offline run checks nothing.
    """

    offline_seconds: float
    live_seconds: float
    checks_seconds: float
    ratio: float
    offline_wal_mb: float
    live_wal_mb: float
    offline_revisions: dict[str, float]


@dataclass(frozen=True, slots=True)
class Promise:
    """Something the project promises, what was found, and whether it holds. ``None``: it is not promised for a book of this size."""

    promise: str
    found: str
    held: bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """A run. ``same`` says by name what the live and the offline run have in common: they made the same changes."""

    loans: int
    rows: int
    taken_at: str
    machine: Machine
    load: Load
    size_mb: dict[str, float]
    up: Way
    down: Way
    periods: dict[str, Service]
    waits: Waits
    lock_retries: int
    lost: list[str]
    same: dict[str, bool]

    @property
    def migration(self) -> tuple[Service, Service]:
        """How clients were served during the upgrade and the downgrade."""
        return self.periods["upgrade"], self.periods["downgrade"]

    @property
    def availability(self) -> float:
        """The share of statements during the migration, both ways, that succeeded within the budget."""
        up, down = self.migration
        total = up.statements + down.statements
        return (up.availability * up.statements + down.availability * down.statements) / total if total else 0.0

    def promises(self) -> list[Promise]:
        """What the project promises of a live migration, judged by this run."""
        failures = sum(served.failures for served in self.periods.values())
        total = (self.up.live_seconds + self.down.live_seconds) / (self.up.offline_seconds + self.down.offline_seconds)
        return [
            Promise("no statement fails", f"{failures} failed", failures == 0),
            Promise("nothing committed is lost or changed", f"{len(self.lost)} rows", not self.lost),
            Promise(
                f"longest wait caused by the migration under {BUDGET_MS:.0f} ms",
                f"{self.waits.longest_ms:.0f} ms",
                self.waits.longest_ms < BUDGET_MS,
            ),
            Promise("availability at least 99.9 %", f"{self.availability:.4%}", self.availability >= 0.999),
            Promise(
                f"at most 2 times as long as offline (from {FULL_SIZE:,} loans on)",
                f"{total:.2f} times (up {self.up.ratio:.2f}, down {self.down.ratio:.2f})",
                total <= 2 if self.loans >= FULL_SIZE else None,
            ),
            Promise(
                "both runs make the same changes",
                ", ".join(f"{name}: {'same' if same else 'DIFFERENT'}" for name, same in self.same.items()),
                all(self.same.values()),
            ),
        ]

    def as_json(self) -> str:
        """The result as JSON, with the promises and the benchmark's name."""
        content = {
            "benchmark": "live_migration",
            **asdict(self),
            "availability": self.availability,
            "promises": [asdict(promise) for promise in self.promises()],
        }
        return json.dumps(content, indent=2) + "\n"


def read_result(path: Path) -> Result:
    """A result from its JSON file."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Result(
        loans=found["loans"],
        rows=found["rows"],
        taken_at=found["taken_at"],
        machine=Machine(**found["machine"]),
        load=Load(**found["load"]),
        size_mb=found["size_mb"],
        up=Way(**found["up"]),
        down=Way(**found["down"]),
        periods={name: Service(**{**served, "errors": tuple(served["errors"])}) for name, served in found["periods"].items()},
        waits=Waits(**found["waits"]),
        lock_retries=found["lock_retries"],
        lost=found["lost"],
        same=found["same"],
    )
