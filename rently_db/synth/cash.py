"""Payments as rows: completed ones with their allocations and ledger entries, and those that came to nothing."""

from __future__ import annotations

from rently_db.synth.behaviour import Receipt
from rently_db.synth.case import Case
from rently_db.synth.reference import CASH, CLEARING, FEE_INCOME, OTHER_INCOME, PENALTY_INCOME, RECEIVABLE, UNAPPLIED, WRITTEN_OFF
from rently_db.synth.rows import moment, money, new_id
from rently_db.synth.schedule import COMPONENTS, PRINCIPAL

# Providers by country, and how their references begin.
_PROVIDERS = {
    "SG": (("stripe", "pi_"), ("hitpay", "HP"), ("paynow", "PN"), ("giro", "GIRO")),
    "AE": (("telr", "TL"), ("checkout", "pay_"), ("uaefts", "FT")),
}
_INTERNAL = ("internal", "TRF-")
# The account that each component is credited to, in the order of COMPONENTS.
_ACCOUNTS = (PENALTY_INCOME, FEE_INCOME, OTHER_INCOME, RECEIVABLE)


def _payment(case: Case, amount: int, status: str, on: int | None, *, internal: bool = False, outbound: bool = False) -> str:
    """Write one payment row. ``on`` is the local day it was received, or ``None``. References never repeat within a provider."""
    rng, entity, payment = case.rng, case.entity, new_id(case.rng)
    provider = reference = None
    if internal or rng.random() < 0.97:
        provider, prefix = _INTERNAL if internal else rng.choice(_PROVIDERS[entity.country])
        reference = f"{prefix}{rng.getrandbits(80):020x}"
    instrument = None if internal else case.borrower.instruments[-1 if rng.random() < 0.2 else 0]
    at = None if on is None else moment(on, rng.randrange(86_400), entity.utc_offset)
    payer, payee = (None, case.borrower.id) if outbound else (case.borrower.id, None)
    case.sink.add(
        "payment", payment, entity.id, entity.currency, money(amount), "outbound" if outbound else "inbound", provider, reference,
        payer, payee, instrument, at, status,
    )  # fmt: skip
    return payment


def _receive(case: Case, receipt: Receipt, plan_of: dict[str, str], *, vague: bool) -> int:
    """A completed payment with its allocations and a balanced set of entries. Returns what of it stays unallocated.

    ``vague`` leaves the line, sometimes the plan too, off an allocation, as clerks did.
    """
    rng = case.rng
    payment = _payment(case, receipt.amount, "completed", receipt.day, internal=receipt.internal)
    booked = [0] * len(COMPONENTS)
    for line, component, part in receipt.allocations:
        booked[component] += part
        no_line = vague and rng.random() < 0.5
        plan = None if no_line and rng.random() < 0.5 else plan_of[line.id]
        line_id = None if no_line else line.id
        case.sink.add("payment_allocation", new_id(rng), payment, case.loan, plan, line_id, COMPONENTS[component], money(part))
    case.entry(CLEARING if receipt.internal else CASH, receipt.amount, "debit", payment=payment)
    for component, amount in enumerate(booked):
        if amount:
            recovery = receipt.after_write_off and component == PRINCIPAL
            case.entry(WRITTEN_OFF if recovery else _ACCOUNTS[component], amount, "credit", payment=payment)
    rest = receipt.amount - sum(booked)
    if rest:
        case.entry(UNAPPLIED, rest, "credit", payment=payment)
    return rest


def _refund(case: Case, amount: int, on: int) -> None:
    """Send unallocated cash back."""
    payment = _payment(case, amount, "completed", on, outbound=True)
    case.entry(UNAPPLIED, amount, "debit", payment=payment)
    case.entry(CASH, amount, "credit", payment=payment)


def write_payments(case: Case) -> None:
    """Write everything the borrower of a loan paid, tried to pay, or got back, up to the business date."""
    rng, story, today = case.rng, case.story, case.today
    plan_of = {line.id: plan.id for plan in story.plans for line in plan.lines}
    # Only where one plan was ever in force does an allocation without a line mean the same for everybody.
    vague_loan = sum(bool(plan.lines) for plan in story.plans) == 1 and rng.random() < 0.05
    for receipt in story.receipts:
        if not receipt.internal and rng.random() < 0.02:
            _payment(case, receipt.amount, "failed", max(receipt.day - 1, story.terms.start))
        rest = _receive(case, receipt, plan_of, vague=vague_loan)
        if rest and receipt.day + 20 <= today and rng.random() < 0.4:
            _refund(case, rest, receipt.day + rng.randint(3, 20))
    asked = story.plans[0].lines[-1].total
    if story.behaviour == "defaulted":
        _payment(case, asked, "failed", today - rng.randint(1, 30))
        _payment(case, asked, "pending", None)
    elif story.behaviour == "written_off":
        _payment(case, asked, "cancelled", None)
    elif story.behaviour in {"on_time", "late"} and story.status == "active" and rng.random() < 0.01:
        _payment(case, asked, "processing", today)
