"""Which amortisation plan is the source of obligations on which day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from tests.oracle.book import Book
from tests.oracle.rows import AmortisationPlan, Loan


@dataclass(frozen=True)
class Candidate:
    """A plan that may be in force from ``begin`` until before ``end`` (None: for ever)."""

    plan: AmortisationPlan
    begin: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Whether the day is in its period."""
        return self.begin <= day and (self.end is None or day < self.end)


def candidates(book: Book, loan: Loan) -> list[Candidate]:
    """The plans that can be in force, by beginning, then version."""
    plans = [plan for plan in book.of("amortisation_plan", "loan_id", loan.id) if plan.status != "cancelled"]
    active = [plan.version for plan in plans if plan.status == "active"]
    if active:
        plans = [plan for plan in plans if plan.status == "active" or plan.version <= active[0]]
    plans.sort(key=lambda plan: (plan.effective_from, plan.version))
    found = []
    for place, plan in enumerate(plans):
        end = plan.effective_through
        if end is None and plan.status == "superseded":
            if plan is plans[-1]:
                continue
            end = plans[place + 1].effective_from
        found.append(Candidate(plan, plan.effective_from, end))
    return [replace(candidate, end=_end(candidate, found)) for candidate in found]


def _end(candidate: Candidate, others: list[Candidate]) -> date | None:
    """A plan also ends, for good, where the active plan or one of a higher version begins."""
    ends = [candidate.end] if candidate.end else []
    if candidate.plan.status != "active":
        ends += [o.begin for o in others if o.plan.status == "active" or o.plan.version > candidate.plan.version]
    return min(ends, default=None)


def in_force(plans: list[Candidate], day: date) -> AmortisationPlan | None:
    """The plan in force on a day, if any."""
    covering = [candidate.plan for candidate in plans if candidate.covers(day)]
    assert len(covering) <= 1
    return covering[0] if covering else None


def plan_by_date(plans: list[Candidate], day: date) -> AmortisationPlan | None:
    """The plan that money of a day without a line belongs to: the latest that began by then, else the first."""
    begun = [candidate.plan for candidate in plans if candidate.begin <= day]
    if begun:
        return max(begun, key=lambda plan: (plan.effective_from, plan.version))
    return plans[0].plan if plans else None
