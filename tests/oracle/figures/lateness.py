"""How late a loan was on each day of its life, as known on the day of the look: episodes, the buckets they entered, the first default."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.oracle.book import ZERO, valid
from tests.oracle.figures.look import Look, month_start
from tests.oracle.instalments import Instalment
from tests.oracle.loans import ONE_DAY, LoanState, days, holds, state_of
from tests.oracle.plans import in_force
from tests.oracle.risk import Risk
from tests.oracle.rule_rows import DpdBucket
from tests.oracle.rules import class_by_dpd, non_performing_classes

CURES = ("closed", "replanned", "settled")
"""What ends an episode well."""


@dataclass(frozen=True)
class Episode:
    """A longest run of days on which a loan was past due; ``ended_by`` is None while it is."""

    risk: Risk
    first: date
    last: date
    days: dict[date, int]
    ended_by: str | None

    @property
    def ended_on(self) -> date | None:
        """The first day on which it was no longer past due."""
        return None if self.ended_by is None else self.last + ONE_DAY

    @property
    def is_cured(self) -> bool:
        """Whether it ended by payment, re-plan or closing."""
        return self.ended_by in CURES


@dataclass(frozen=True)
class Entry:
    """A bucket that an episode entered, and when."""

    episode: Episode
    bucket: DpdBucket
    on: date

    @property
    def took(self) -> int | None:
        """Days until the episode ended; None: it has not."""
        return None if self.episode.ended_on is None else (self.episode.ended_on - self.on).days


def months_later(day: date, months: int) -> date:
    """The same day some months later (or earlier), or the last of that month."""
    first = month_start(day, -months)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def _last_day(state: LoanState, *, until_closed: bool) -> date:
    """The last day on which a loan could be late."""
    gone = state.has_left or (until_closed and state.status == "closed")
    return min(state.day, state.standing.since - ONE_DAY) if gone else state.day


def late_days(look: Look, state: LoanState, item: Instalment, last: date) -> dict[date, int]:
    """Days past due of an instalment on each day up to ``last`` on which it was unsettled and its plan in force."""
    found: dict[date, int] = {}
    unsettled, count = item.last_unsettled(look.day), -state.grace_days
    for day in days(item.line.due_date + ONE_DAY, min(last, unsettled or date.min)):
        count += not holds(look.book, state.loan, "payment_pause", day)
        plan = in_force(state.plans, day)
        if plan is not None and plan.id == item.line.plan_id:
            found[day] = max(count, 0)
    return found


def history(look: Look, state: LoanState, *, until_closed: bool) -> dict[date, int]:
    """Days past due of the loan on each day on which an instalment was overdue."""
    worst: dict[date, int] = {}
    last = _last_day(state, until_closed=until_closed)
    for item in state.every:
        for day, dpd in late_days(look, state, item, last).items():
            worst[day] = max(worst.get(day, 0), dpd)
    return worst


def _ended_by(look: Look, state: LoanState, last: date) -> str | None:
    """What ended a run of days past due; of several the first by alphabet."""
    end = last + ONE_DAY
    if end > look.day:
        return None
    if state.has_left and state.standing.since == end:
        return state.status
    reasons = set()
    for item in state.every:
        if late_days(look, state, item, last).get(last, 0) == 0:
            continue
        if item.last_unsettled(look.day) == last:
            reasons.add("settled")
        else:
            reasons.add("closed" if state.status == "closed" and state.standing.since == end else "replanned")
    return min(reasons)


def episodes(look: Look, risk: Risk) -> list[Episode]:
    """The episodes of a loan."""
    late = {day: dpd for day, dpd in history(look, risk.state, until_closed=True).items() if dpd > 0}
    found = []
    for first in sorted(day for day in late if day - ONE_DAY not in late):
        last = first
        while last + ONE_DAY in late:
            last += ONE_DAY
        run = {day: late[day] for day in days(first, last)}
        found.append(Episode(risk, first, last, run, _ended_by(look, risk.state, last)))
    return found


def entries(look: Look) -> list[Entry]:
    """Every bucket that an episode entered within the months that are shown."""
    since = months_later(look.day, -int(look.number("collections_history_months")))
    buckets = [bucket for bucket in look.book.of("dpd_bucket", "scheme", "collections_entry") if valid(bucket, look.day)]
    found = []
    for risk in look.all:
        for episode in episodes(look, risk):
            for bucket in buckets:
                on = next((day for day, dpd in episode.days.items() if dpd >= bucket.days.lower), None)
                if on is not None and on > since:
                    found.append(Entry(episode, bucket, on))
    return found


@dataclass(frozen=True)
class Default:
    """The first default of a loan, and what was owed then before write-offs."""

    risk: Risk
    on: date
    exposure: Decimal

    def recovered(self, *, principal: bool) -> list[tuple[date, Decimal]]:
        """Effective allocations after the day of default, of principal or of the rest."""
        money = [row for row in self.risk.state.money if row.kind == "allocation" and row.on > self.on]
        return [(row.on, row.amount) for row in money if (row.component == "principal") == principal]


def _exposure(state: LoanState) -> Decimal:
    lent = state.disbursed + state.transferred_in + state.total("refund")
    return max(lent - state.total("allocation") - state.total("waiver") - state.moved_out, ZERO)


def first_default(look: Look, risk: Risk) -> Default | None:
    """When a loan first was non-performing by its own days past due, or written off; None: never."""
    book, state, country = look.book, risk.state, look.entity(risk).country_code
    failing = non_performing_classes(book, look.day)
    reached = []
    for day, dpd in history(look, state, until_closed=True).items():
        rule = class_by_dpd(book, country, dpd, look.day)
        if rule is not None and rule.class_ in failing:
            reached.append(day)
    if state.status == "written_off":
        reached.append(state.standing.since)
    if not reached:
        return None
    on = min(reached)
    return Default(risk, on, _exposure(state_of(book, state.loan, on)))
