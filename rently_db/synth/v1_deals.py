"""Deals: what is agreed about a loan of v1 before it is lent, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from rently_db.synth.behaviour import overpay, pay, settle, stop_paying
from rently_db.synth.schedule import Plan, Terms, build_lines
from rently_db.synth.story import Story
from rently_db.synth.v1_rows import Company
from rently_db.synth.v1_world import Borrower
from rently_db.synth.v1_world import Terms as Offer

BEHAVIOURS = ("on_time",) * 12 + ("quarterly",) * 2 + ("late",) * 4 + ("cured",) + ("partial",)
"""What most borrowers do; one in fifty of them stops paying besides."""
_DEFAULTING = 0.02


@dataclass(frozen=True, slots=True)
class Deal:
    """What is agreed, before it is lent. ``until`` is the last day on which money moves; another loan takes over the day after."""

    code: str
    company: Company
    currency: str
    borrower: Borrower
    terms: Terms
    fee_rate: int
    behaviour: str
    until: int
    contract: str | None = None
    parent: UUID | None = None
    taken_over: int = 0


def draw_terms(rng: Random, offer: Offer, start: int, principal: int | None = None, months: int | None = None) -> tuple[Terms, int]:
    """Terms within an offer, and the fee rate; small principals are more frequent than large ones."""
    low, high = offer.principal
    cents = principal or int(low * (high / low) ** rng.random()) // 50_000 * 50_000
    fee_rate, interest = rng.choice(offer.fees), rng.choice(offer.interest)
    months = months or rng.choice(offer.tenors)
    return Terms(cents, months, start, cents * fee_rate // 10_000, rng.random() < 0.6, interest), fee_rate


def draw_behaviour(rng: Random) -> str:
    """How a borrower pays."""
    return "defaulted" if rng.random() < _DEFAULTING else rng.choice(BEHAVIOURS)


def tell(rng: Random, deal: Deal, ids: Sequence[str]) -> Story:
    """What becomes of a deal up to its last day."""
    terms, today = deal.terms, deal.until
    lines = build_lines(terms, [*ids])
    story = Story(deal.behaviour, terms, terms.months, lines[-1].due, deal.fee_rate)
    if deal.behaviour == "defaulted":
        due = sum(line.due <= today for line in lines)
        receipts = stop_paying(rng, lines, today, rng.randint(0, max(due - 2, 0)))
    else:
        receipts = pay(rng, deal.behaviour, lines, today)
    overpay(rng, receipts)
    settle(receipts, lines, story.paid_on)
    story.receipts += receipts
    story.plans.append(Plan(deal.code, 1, "active", None, terms.start, None, lines))
    return story
