"""What the collectors do about a loan that is late: one history an arrears episode, as far as it went."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from rently_db.synth.schedule import Line
from rently_db.synth.story import Story

# Days past due, event, share of the episodes of that age in which it happens.
_STEPS = (
    (1, "first_overdue", 1.0),
    (3, "reminder_sent", 0.6),
    (9, "call_attempt", 0.5),
    (14, "call_successful", 0.35),
    (22, "payment_arrangement", 0.3),
    (35, "call_attempt", 0.7),
    (45, "reminder_sent", 0.8),
    (61, "legal_notice", 0.9),
    (80, "settlement_offer", 0.3),
    (88, "settlement_accepted", 0.1),
    (100, "lawyer_letter", 0.6),
    (150, "court_filing", 0.5),
    (175, "asset_recovery", 0.25),
)
# Of delays shorter than a month, only this share was ever noted.
_NOTED_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Event:
    """Something done on ``day``, the days past due of the loan then, and what was in arrears, in hundredths."""

    kind: str
    day: int
    dpd: int
    arrears: int


@dataclass(frozen=True, slots=True)
class _Overdue:
    """A line that was late: due, settled (or no longer asked for) on, and its payments."""

    due: int
    settled: int
    total: int
    paid: list[tuple[int, int]]

    def unpaid(self, on: int) -> int:
        """What was still unpaid at the end of a day."""
        return self.total - sum(part for paid, part in self.paid if paid <= on)


def _overdue_lines(story: Story, today: int) -> list[_Overdue]:
    """Every line that was unpaid after its due date, with the day on which that ended: paid, re-planned, written off, or not yet."""
    found = []
    last = min(today, story.ended or today) if story.status == "written_off" else today
    for plan in story.plans:
        horizon = plan.through or last
        for line in plan.lines[: bisect_left(plan.lines, horizon, key=_due)]:
            paid = story.paid_on.get(line.id, [])
            settled = horizon if line.unpaid or not paid else min(paid[-1][0], horizon)
            if settled > line.due and line.total:
                found.append(_Overdue(line.due, settled, line.total, paid))
    return found


def _due(line: Line) -> int:
    """The due date, by which lines are sorted."""
    return line.due


def _episodes(lines: list[_Overdue]) -> Iterator[list[_Overdue]]:
    """Lines whose lateness overlaps, together."""
    episode: list[_Overdue] = []
    for line in lines:
        if episode and line.due >= max(known.settled for known in episode):
            yield episode
            episode = []
        episode.append(line)
    if episode:
        yield episode


def events_of(rng: Random, story: Story, today: int) -> list[Event]:
    """The collections history of a loan, in order of time. Every amount is what was really in arrears on that day."""
    events: list[Event] = []

    def note(kind: str, on: int, lines: list[_Overdue], at_most: int | None = None) -> None:
        open_lines = [line for line in lines if line.due < on <= line.settled and line.unpaid(on - 1) > 0]
        if open_lines:
            arrears = sum(line.unpaid(on - 1) for line in open_lines)
            events.append(Event(kind, on, on - min(line.due for line in open_lines), at_most or arrears))

    for lines in _episodes(_overdue_lines(story, today)):
        start, end = lines[0].due, max(line.settled for line in lines)
        if end - start < 4 or (end - start < 30 and rng.random() > _NOTED_SHARE):
            continue
        for days, kind, share in _STEPS:
            on = start + days + (rng.randrange(3) if days > 1 else 0)
            if on <= end and rng.random() < share:
                note(kind, on, lines)
        if story.status == "written_off" and end == story.ended:
            note("write_off", end, lines, story.outstanding)
    return events
