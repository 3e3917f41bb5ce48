"""Money that counts on a day: effective allocations, adjustments, disbursements, each with its value date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.oracle.book import Book, local_date
from tests.oracle.rows import Disbursement, Loan, Payment, PaymentAllocation


@dataclass(frozen=True, slots=True)
class Money:
    """A part of a debt that was settled, forgiven, moved or given back on a date.

    ``kind`` is allocation, waiver, write_off, transfer or refund; ``plan_id`` is the plan that an allocation names.
    """

    id: str
    on: date
    kind: str
    component: str
    amount: Decimal
    line_id: str | None
    plan_id: str | None
    payment_id: str | None


def value_date(payment: Payment, zone: ZoneInfo) -> date | None:
    """Local date on which the payment arrived; None for a payment without any moment."""
    moment = payment.received_at or payment.processed_at or payment.created_at
    return None if moment is None else local_date(moment, zone)


def counts(payment: Payment, zone: ZoneInfo, day: date) -> bool:
    """Whether an inbound payment had arrived by that day and was not taken back by then."""
    on = value_date(payment, zone)
    if payment.direction != "inbound" or payment.status not in {"completed", "reversed"} or on is None or on > day:
        return False
    return payment.reversed_at is None or local_date(payment.reversed_at, zone) > day


def is_effective(book: Book, allocation: PaymentAllocation, day: date) -> bool:
    """Whether an allocation counts on a day, seen from the legal entity of its loan."""
    zone = book.zone(book.loans[allocation.loan_id])
    if not counts(book.payments[allocation.payment_id], zone, day):
        return False
    return allocation.reversed_at is None or local_date(allocation.reversed_at, zone) > day


def money_of(book: Book, loan: Loan, day: date) -> list[Money]:
    """Effective allocations and adjustments of a loan on a day, in order of (date, allocations before adjustments, id)."""
    zone = book.zone(loan)
    found = []
    for row in book.of("payment_allocation", "loan_id", loan.id):
        if is_effective(book, row, day):
            on = value_date(book.payments[row.payment_id], zone)
            assert on is not None
            found.append(Money(row.id, on, "allocation", row.component, row.allocated_amount, row.line_id, row.plan_id, row.payment_id))
    found += [
        Money(row.id, row.effective_date, row.kind, row.component, row.amount, row.line_id, None, None)
        for row in book.of("loan_adjustment", "loan_id", loan.id)
        if row.effective_date <= day
    ]
    return sorted(found, key=lambda money: (money.on, money.kind != "allocation", money.id))


def paid_out_on(book: Book, row: Disbursement) -> date:
    """Value date of a disbursement."""
    loan = book.loans[row.loan_id]
    moment = row.disbursed_at or row.created_at
    return loan.start_date if moment is None else local_date(moment, book.zone(loan))


def disbursements_of(book: Book, loan: Loan, day: date) -> list[tuple[date, Decimal]]:
    """Completed disbursements of a loan up to a day: value date, amount."""
    rows = [row for row in book.of("disbursement", "loan_id", loan.id) if row.status == "completed"]
    return sorted((paid_out_on(book, row), row.amount) for row in rows if paid_out_on(book, row) <= day)
