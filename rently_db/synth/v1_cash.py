"""What a borrower of v1 pays: payments with their allocations and journals, some taken back by the bank, and what collectors do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

from rently_db import models as m
from rently_db.synth.behaviour import Receipt
from rently_db.synth.recovery import events_of
from rently_db.synth.reference import CASH, FEE_INCOME, OTHER_INCOME, PENALTY_INCOME, RECEIVABLE, UNAPPLIED
from rently_db.synth.schedule import COMPONENTS
from rently_db.synth.story import Story
from rently_db.synth.v1_rows import Booked, Company, amount, day
from rently_db.synth.v1_world import Borrower, World

DEBIT, CREDIT = m.EntrySide.DEBIT, m.EntrySide.CREDIT
_INCOME = (PENALTY_INCOME, FEE_INCOME, OTHER_INCOME, RECEIVABLE)
_NAMED = (
    m.AllocationComponent.PENALTY,
    m.AllocationComponent.RC_FEE,
    m.AllocationComponent.INTEREST,
    m.AllocationComponent.PRINCIPAL,
)
"""v1 knows interest apart from what else is due: nothing else is, in a story without a re-plan."""
_PROVIDERS = {"SG": ("stripe", "hitpay", "paynow", "giro"), "AE": ("telr", "checkout", "uaefts")}
_BOUNCE_SHARE = 0.006
_ESCALATIONS = {
    "legal_notice": "more than 60 days past due",
    "lawyer_letter": "no answer to the legal notice",
    "court_filing": "no settlement",
    "asset_recovery": "judgement",
}


@dataclass(frozen=True, slots=True)
class Lent:
    """A loan that was granted: its keys, and its story."""

    id: UUID
    number: str
    code: str
    company: Company
    currency: str
    borrower: Borrower
    plan: UUID
    story: Story
    contract: str | None

    @property
    def unpaid_since(self) -> int | None:
        """The first due date, by the ordinal, on which something is unpaid; None: nothing is."""
        return next((line.due for line in self.story.plans[-1].lines if line.unpaid), None)


def write_payments(world: World, rng: Random, loan: Lent) -> None:
    """Every receipt of the loan's story; now and then a first attempt that the bank took back two days later."""
    for receipt in loan.story.receipts:
        if receipt.day - 4 > loan.story.terms.start and rng.random() < _BOUNCE_SHARE:
            _receive(world, rng, loan, receipt, on=receipt.day - 3, bounced=True)
        _receive(world, rng, loan, receipt, on=receipt.day)


def _receive(world: World, rng: Random, loan: Lent, receipt: Receipt, *, on: int, bounced: bool = False) -> None:
    company, rows = loan.company, world.rows
    at, back = company.at(on, rng.randrange(6 * 3600, 86_000)), None
    if bounced:
        back = at + timedelta(days=2)
    payment = rows.add(
        m.Payment,
        legal_entity_id=company.id,
        currency_code=loan.currency,
        amount=amount(receipt.amount),
        direction=m.PaymentDirection.INBOUND,
        provider=rng.choice(_PROVIDERS[company.country]),
        external_reference=f"V1-{rng.getrandbits(80):020x}",
        payer_party_id=loan.borrower.id,
        payee_party_id=None,
        instrument_id=loan.borrower.instrument,
        received_at=at,
        status=m.PaymentStatus.REVERSED if bounced else m.PaymentStatus.COMPLETED,
        processed_at=at + timedelta(minutes=4),
        created_at=at,
        reversed_at=back,
    )
    booked = [0] * len(COMPONENTS)
    for line, component, part in receipt.allocations:
        booked[component] += part
        rows.add(
            m.PaymentAllocation,
            payment_id=payment,
            loan_id=loan.id,
            plan_id=loan.plan,
            line_id=UUID(line.id),
            component=_NAMED[component],
            allocated_amount=amount(part),
            created_at=at + timedelta(minutes=4),
            reversed_at=back,
        )
    entries: list[Booked] = [(CASH, receipt.amount, DEBIT)]
    entries += [(account, cents, CREDIT) for account, cents in zip(_INCOME, booked, strict=True)]
    entries.append((UNAPPLIED, receipt.amount - sum(booked), CREDIT))
    rows.book(company, (on, at), f"Payment on {loan.number}", loan.currency, entries, loan_id=loan.id, payment_id=payment)
    if back:
        turned: list[Booked] = [(code, cents, CREDIT if side is DEBIT else DEBIT) for code, cents, side in entries]
        text = f"Payment on {loan.number} taken back by the bank"
        rows.book(company, (on + 2, back), text, loan.currency, turned, loan_id=loan.id, payment_id=payment)


def write_chase(world: World, rng: Random, loan: Lent, until: int) -> None:
    """What collectors did about the loan up to a day; the last thing is still open while something is overdue."""
    events = events_of(rng, loan.story, until)
    since = loan.unpaid_since
    is_open = since is not None and since < until == world.today
    for place, event in enumerate(events, 1):
        last = is_open and place == len(events)
        escalation = _ESCALATIONS.get(event.kind)
        world.rows.add(
            m.CollectionsEvent,
            loan_id=loan.id,
            event_type=m.CollectionsEventType(event.kind),
            event_at=loan.company.at(event.day, rng.randrange(9 * 3600, 17 * 3600)),
            actor_party_id=rng.choice(world.clerks),
            dpd_snapshot=event.dpd,
            amount_involved=amount(event.arrears),
            currency_code=loan.currency,
            consecutive_missed_payments=event.dpd // 30 + 1,
            escalation_trigger=escalation,
            resolution_status=m.ResolutionStatus.IN_PROGRESS if last else m.ResolutionStatus.RESOLVED,
            next_action_date=day(world.today + rng.randint(1, 10)) if last else None,
        )
