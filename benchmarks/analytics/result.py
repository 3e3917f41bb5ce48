"""The result of a run: what is written as JSON, and which aims it meets."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.analytics.freshness import Freshness
from benchmarks.analytics.payments import Service, WriteCost
from benchmarks.analytics.readings import DASHBOARD_MS, OTHER_MS, Reading
from benchmarks.analytics.upkeep import Backlog
from benchmarks.places import Machine

OLDEST_S = 60.0
"""The aim: how old loan_state may be under load."""


@dataclass(frozen=True, slots=True)
class Fill:
    """The migration: seconds to v1, seconds of the revision of the analytics, of them by step, the longest first."""

    before_s: float
    seconds: float
    steps: dict[str, float]


@dataclass(frozen=True, slots=True)
class Aim:
    """What is aimed at, what was found, and whether it is met."""

    aim: str
    found: str
    held: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A run."""

    loans: int
    rows: int
    business_date: str
    taken_at: str
    machine: Machine
    size_mb: dict[str, float]
    fill: Fill
    readings: list[Reading]
    plans: dict[str, str]
    refreshes: dict[str, float]
    refresh_all_s: float
    backlog: Backlog
    write_cost: WriteCost
    freshness: Freshness

    def aims(self) -> list[Aim]:
        """What the project aims at, judged by this run."""
        quick = [reading for reading in self.readings if reading.aim_ms == DASHBOARD_MS]
        other = [reading for reading in self.readings if reading.aim_ms == OTHER_MS]
        fresh = self.freshness
        return [
            _within(f"what a dashboard reads of tiers T0 and T1 in less than {DASHBOARD_MS / 1000:g} s", quick),
            _within(f"everything else in less than {OTHER_MS / 1000:g} s", other),
            Aim(
                f"loan_state at most {OLDEST_S:.0f} s old while {fresh.asked_per_second:g} payments a second come in",
                f"{fresh.oldest_s:.1f} s at {fresh.service.per_second:.0f} a second",
                # A load that was not carried proves nothing.
                fresh.oldest_s <= OLDEST_S and fresh.drained_s is not None and fresh.service.per_second >= 0.9 * fresh.asked_per_second,
            ),
            Aim("every payment under load is taken", f"{fresh.service.failures} failed", fresh.service.failures == 0),
        ]

    def as_json(self) -> str:
        """The result as JSON, with the aims and the benchmark's name."""
        content = {"benchmark": "analytics", **asdict(self), "aims": [asdict(aim) for aim in self.aims()]}
        return json.dumps(content, indent=2) + "\n"


def _within(aim: str, readings: list[Reading]) -> Aim:
    missed = sorted((reading for reading in readings if not reading.held), key=lambda reading: -reading.excess)
    found = f"{len(readings) - len(missed)} of {len(readings)}"
    if missed:
        found += f"; {missed[0].view} ({missed[0].way}) misses it by most"
    return Aim(aim, found, bool(readings) and not missed)


def read_result(path: Path) -> Result:
    """A result from its JSON file."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    fresh, cost = found["freshness"], found["write_cost"]
    return Result(
        loans=found["loans"],
        rows=found["rows"],
        business_date=found["business_date"],
        taken_at=found["taken_at"],
        machine=Machine(**found["machine"]),
        size_mb=found["size_mb"],
        fill=Fill(**found["fill"]),
        readings=[Reading(**reading) for reading in found["readings"]],
        plans=found["plans"],
        refreshes=found["refreshes"],
        refresh_all_s=found["refresh_all_s"],
        backlog=Backlog(**found["backlog"]),
        write_cost=WriteCost(cost["triggers"], Service(**cost["with_queue"]), Service(**cost["without_queue"])),
        freshness=Freshness(**{**fresh, "service": Service(**fresh["service"])}),
    )
