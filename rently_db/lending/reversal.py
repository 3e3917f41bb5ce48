"""Money that is taken back: what it settled is due again, and it is booked the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rently_db.lending.books import DEFAULT_CHART, About, Booking, Chart, accounts_of, book, require_balanced
from rently_db.lending.errors import DateError, PaymentStatusError
from rently_db.lending.reading import local_date, lock
from rently_db.lending.schedule import moment
from rently_db.models import (
    EntrySide,
    LedgerAccount,
    LedgerEntry,
    Loan,
    LoanStatus,
    Payment,
    PaymentAllocation,
    PaymentDirection,
    PaymentStatus,
)

_GONE = {LoanStatus.WRITTEN_OFF: "written_off", LoanStatus.TRANSFERRED: "clearing"}
"""Accounts of the chart to which a loan's receivable went when the loan left the book."""


def reverse_payment(
    session: Session, payment: Payment, *, at: datetime | None = None, chart: Chart = DEFAULT_CHART, by: UUID | None = None
) -> Payment:
    """Take a payment back, because the bank or the payer did: what it settled is due again, and it is booked the other way round.

    A reversal is dated: figures of days before ``at`` (None: now) still count the payment. A loan that was closed is active again. What
    the payment had settled of a loan that left the book meanwhile is booked as written off, or on the clearing account of the transfer. A
    payment that is reversed already is left as it is.

    Raises PaymentStatusError unless the payment is inbound and completed, DateError if ``at`` lies before the payment, BooksError if its
    entries do not balance. Flushes; the caller commits.
    """
    lock(session, *_settled_by(session, payment), payment)
    loans = _settled_by(session, payment)
    lock(session, *loans)  # one more may have been settled while we waited
    if payment.status is PaymentStatus.REVERSED:
        return payment
    if payment.direction is not PaymentDirection.INBOUND or payment.status is not PaymentStatus.COMPLETED:
        raise PaymentStatusError(
            f"payment {payment.id} is {payment.direction} and {payment.status}; only inbound completed payments are reversed"
        )
    at = datetime.now(UTC) if at is None else moment("at", at)
    if payment.received_at is not None and at < payment.received_at:
        raise DateError(f"payment {payment.id} was received at {payment.received_at}, and can't be reversed at {at}, before that")
    entries = _turned(session, payment, {loan.id: loan.status for loan in loans}, chart)
    payment.status, payment.reversed_at = PaymentStatus.REVERSED, at
    for allocation in session.scalars(
        select(PaymentAllocation).where(PaymentAllocation.payment_id == payment.id, PaymentAllocation.reversed_at.is_(None))
    ):
        allocation.reversed_at = at
    for loan in loans:
        if loan.status is LoanStatus.CLOSED:
            loan.status = LoanStatus.ACTIVE
    session.flush()
    booking = Booking(
        legal_entity_id=payment.legal_entity_id,
        currency_code=payment.currency_code,
        on=local_date(session, payment.legal_entity_id, at),
        description=f"Payment {payment.external_reference or payment.id} taken back",
        by=by,
    )
    book(session, booking, entries)
    return payment


def _settled_by(session: Session, payment: Payment) -> Sequence[Loan]:
    allocated = select(PaymentAllocation.loan_id).where(PaymentAllocation.payment_id == payment.id, PaymentAllocation.reversed_at.is_(None))
    return session.scalars(select(Loan).where(Loan.id.in_(allocated))).all()


def _turned(session: Session, payment: Payment, statuses: dict[UUID, LoanStatus], chart: Chart) -> list[tuple[UUID, About, Decimal]]:
    """The entries of a payment the other way round. What a loan owed when it left the book is no receivable any more."""
    booked = session.execute(
        select(LedgerEntry.account_id, LedgerAccount.code, LedgerEntry.loan_id, LedgerEntry.side, LedgerEntry.amount)
        .join(LedgerEntry.account)
        .where(LedgerEntry.payment_id == payment.id)
    )
    turned = []
    for account, code, loan_id, side, amount in booked:
        status = statuses.get(loan_id) if loan_id and code == chart.receivable else None
        gone = getattr(chart, _GONE[status]) if status in _GONE else None
        back_on = accounts_of(session, payment.legal_entity_id, [gone])[gone] if gone else account
        turned.append((back_on, About(loan_id=loan_id, payment_id=payment.id), -amount if side is EntrySide.DEBIT else amount))
    require_balanced([amount for _, _, amount in turned], payment.currency_code)
    return turned
