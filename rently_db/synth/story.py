"""The life of one loan, from its terms to today: plans, receipts, status. Nothing here knows about tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from rently_db.synth.behaviour import Receipt, overpay, pay, settle, stop_paying
from rently_db.synth.reference import Product
from rently_db.synth.rows import new_id
from rently_db.synth.schedule import FEE, PRINCIPAL, Line, Plan, Terms, add_months, build_lines

_BOOK_DAYS = 4 * 365
_TENORS = (12, 18, 24, 36, 48)
_TENOR_WEIGHTS = (17, 9, 34, 26, 14)
# The months that a behaviour needs to show itself.
_LEAST_MONTHS = {"late": 2, "cured": 8, "partial": 3, "early": 7, "defaulted": 5, "written_off": 13, "transferred": 14}


@dataclass(slots=True)
class Story:
    """What happened to a loan. Amounts in hundredths, days as ordinals."""

    behaviour: str
    terms: Terms
    tenor: int
    end: int
    fee_rate: int | None
    plans: list[Plan] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    paid_on: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Line id -> day and amount of what was paid on it."""
    status: str = "active"
    ended: int | None = None
    """The day of the write-off or the transfer."""

    @property
    def outstanding(self) -> int:
        """Principal not paid back; recoveries after a write-off don't count."""
        paid = sum(part for r in self.receipts if not r.after_write_off for _, component, part in r.allocations if component == PRINCIPAL)
        return self.terms.principal - paid


def _draw_terms(rng: Random, product: Product, behaviour: str, today: int, parent: Story | None) -> tuple[Terms, int | None]:
    """Principal, tenor, start and rates; a loan that takes over another starts with what was settled there."""
    months = rng.choices(_TENORS, _TENOR_WEIGHTS)[0]
    if parent:
        principal, start = parent.plans[-1].lines[0].amounts[PRINCIPAL], parent.ended or today
    elif behaviour == "fresh":
        principal, start = 0, today - rng.randrange(3)
    else:
        elapsed = int(_BOOK_DAYS * rng.random() ** 2.4)
        principal, start = 0, today - max(elapsed, _LEAST_MONTHS.get(behaviour, 0) * 31 + rng.randrange(120))
    low, high = product.principal
    principal = principal or int(low * (high / low) ** rng.random()) // 5_000 * 5_000
    fee_rate, interest = rng.choice(product.fee_rates), rng.choice(product.interest_rates)
    grace = 3 if interest and rng.random() < 0.2 else 0
    terms = Terms(principal, months, start, principal * fee_rate // 10_000, rng.random() < 0.7, interest, grace)
    return terms, fee_rate if fee_rate or rng.random() < 0.5 else None


def _replace_plan(rng: Random, story: Story, on: int, reason: str, months: int) -> list[Line]:
    """Supersede the plan on that day by one over what is outstanding; a single line is due, and paid, at once.

    What else was due and unpaid is carried into the first new line. Fees not yet billed move along, except in a settlement, which waives
    them; a transfer waives what was due, too.
    """
    old, terms = story.plans[-1], story.terms
    old.status, old.through = "superseded", on
    due = [line for line in old.lines if line.due <= on]
    carried = 0 if reason == "transfer to another loan" else sum(line.unpaid - line.left[PRINCIPAL] for line in due)
    outstanding = story.outstanding
    if months == 1:
        lines = [Line(new_id(rng), 1, on, [0, 0, carried, outstanding])]
    else:
        fee = sum(line.left[FEE] for line in old.lines[len(due) :])
        again = Terms(outstanding, months, on, fee, terms.fee_up_front, terms.interest_rate)
        lines = build_lines(again, [new_id(rng) for _ in range(months)])
        lines[0].amounts[2] += carried
        lines[0].left[2] += carried
    story.plans.append(Plan(new_id(rng), old.version + 1, "active", reason, on, None, lines))
    return lines


def _receive(story: Story, rng: Random, receipts: list[Receipt], lines: list[Line]) -> None:
    """Book receipts on the lines of a plan."""
    overpay(rng, receipts)
    settle(receipts, lines, story.paid_on)
    story.receipts += receipts


def _settle_early(rng: Random, story: Story, lines: list[Line], today: int) -> None:
    """Pay on time for some months, then all the rest at once: by the borrower, or by the loan that takes this one over."""
    transfer = story.behaviour == "transferred"
    months = (today - story.terms.start) // 31
    # A transferred loan leaves time for the life of the next one.
    last = months // 2 if transfer else months - 1
    after = rng.randint(min(2, last), max(min(last, story.tenor - 3), min(2, last)))
    on = min(add_months(story.terms.start, after) + rng.randint(6, 12), today)
    _receive(story, rng, pay(rng, "on_time", lines, on - 1), lines)
    new = _replace_plan(rng, story, on, "transfer to another loan" if transfer else "early settlement", 1)
    _receive(story, rng, [], new)
    last_receipt = Receipt(on, new[0].total, 0, internal=transfer)
    settle([last_receipt], new, story.paid_on)
    story.receipts.append(last_receipt)
    if transfer:
        story.status, story.ended = "transferred", on


def _default(rng: Random, story: Story, lines: list[Line], today: int) -> None:
    """Pay for some months, or never, then stop; after half a year at least the loan may be written off, and a little recovered."""
    written_off = story.behaviour == "written_off"
    months = (today - story.terms.start) // 31
    paid = min(rng.randint(0, max(months - (11 if written_off else 3), 0)), story.tenor - 2)
    _receive(story, rng, stop_paying(rng, lines, today, paid), lines)
    if written_off:
        story.status, story.ended = "written_off", min(lines[paid].due + rng.randint(185, 260), today - 1)
        if rng.random() < 0.3:
            recovery = Receipt(rng.randint(story.ended + 1, today), lines[paid].total // rng.randint(2, 9), paid, after_write_off=True)
            settle([recovery], lines, story.paid_on)
            story.receipts.append(recovery)


def _ordinary(rng: Random, story: Story, lines: list[Line], today: int) -> None:
    """Pay the way the borrower pays; one loan in six is restructured on the way, and pays on time from then on."""
    behaviour = story.behaviour if story.behaviour in ("quarterly", "late", "cured", "partial") else "on_time"
    months = (today - story.terms.start) // 31
    if behaviour == "quarterly" or months < 7 or rng.random() > 0.2:
        _receive(story, rng, pay(rng, behaviour, lines, today), lines)
        return
    after = rng.randint(5, max(min(months - 1, story.tenor - 4), 5))
    on = add_months(story.terms.start, after) + rng.randint(6, 12)
    _receive(story, rng, pay(rng, behaviour, lines, on - 1), lines)
    new = _replace_plan(
        rng, story, on, rng.choice(("restructured", "rent changed", "tenor extended")), story.tenor - after + rng.choice((0, 3, 6))
    )
    _receive(story, rng, pay(rng, "on_time", new, today), new)
    story.end = max(story.end, new[-1].due)


def tell(rng: Random, product: Product, behaviour: str, today: int, parent: Story | None) -> Story:
    """Make up one loan. ``today`` is the ordinal of the business date; nothing that is paid or decided comes after it."""
    terms, fee_rate = _draw_terms(rng, product, behaviour, today, parent)
    lines = build_lines(terms, [new_id(rng) for _ in range(terms.months)])
    story = Story(behaviour, terms, terms.months, lines[-1].due, fee_rate)
    story.plans.append(Plan(new_id(rng), 1, "active", None, terms.start, None, lines))
    if behaviour in ("early", "transferred"):
        _settle_early(rng, story, lines, today)
    elif behaviour in ("defaulted", "written_off"):
        _default(rng, story, lines, today)
    else:
        _ordinary(rng, story, lines, today)
    active = story.plans[-1]
    if story.status == "active" and not any(line.unpaid for line in active.lines):
        story.status = "closed"
    lived = today - terms.start
    if len(story.plans) == 1 and story.status == "active" and lived > 30 and rng.random() < 0.02:
        offered = terms.start + rng.randint(1, lived - 14)
        story.plans.append(Plan(new_id(rng), 2, "cancelled", "offer not accepted", offered, offered + 14, []))
    return story
