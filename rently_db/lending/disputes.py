"""Disputes: a payment, or a missing one, that somebody contests."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from rently_db.lending.errors import DateError, MismatchError
from rently_db.lending.reading import lock
from rently_db.lending.schedule import moment, money
from rently_db.models import DisputePriority, DisputeStatus, DisputeType, Loan, Payment, PaymentDispute

_OVER = (DisputeStatus.RESOLVED, DisputeStatus.CLOSED)


def open_dispute(
    session: Session,
    loan: Loan,
    kind: DisputeType,
    *,
    reported_by: UUID,
    payment: Payment | None = None,
    expected_amount: Decimal | None = None,
    actual_amount: Decimal | None = None,
    priority: DisputePriority = DisputePriority.MEDIUM,
    assigned_to: UUID | None = None,
) -> PaymentDispute:
    """Record that somebody contests a payment on a loan, or (without ``payment``) that one never arrived. It moves no money.

    A contested instalment or balance is a dispute of the loan: say the amounts. They are in the loan's currency, above 0.
    Raises MismatchError if the payment is in another currency than the loan, InvalidAmountError. Flushes; the caller commits.
    """
    if payment is not None and payment.currency_code != loan.currency_code:
        raise MismatchError(f"payment {payment.id} is in {payment.currency_code}, loan {loan.loan_number} in {loan.currency_code}")
    for name, amount in (("the expected amount", expected_amount), ("the actual amount", actual_amount)):
        if amount is not None:
            money(name, amount)
    made = PaymentDispute(
        payment_id=None if payment is None else payment.id,
        loan_id=loan.id,
        dispute_type=kind,
        expected_amount=expected_amount,
        actual_amount=actual_amount,
        status=DisputeStatus.OPEN if assigned_to is None else DisputeStatus.INVESTIGATING,
        reported_by=reported_by,
        assigned_to=assigned_to,
        priority=priority,
    )
    session.add(made)
    session.flush()
    return made


def resolve_dispute(session: Session, dispute: PaymentDispute, notes: str, *, at: datetime | None = None) -> PaymentDispute:
    """End a dispute with how it was resolved; what follows from it (a reversal, another allocation) is a call of its own.

    A dispute that is over is left as it is. Raises DateError if ``at`` (None: now) lies before its beginning. Flushes; the caller commits.
    """
    lock(session, dispute)
    if dispute.status in _OVER:
        return dispute
    at = datetime.now(UTC) if at is None else moment("at", at)
    if dispute.created_at is not None and at < dispute.created_at:
        raise DateError(f"dispute {dispute.id} began at {dispute.created_at}, and can't be resolved at {at}, before that")
    dispute.status, dispute.resolved_at, dispute.resolution_notes = DisputeStatus.RESOLVED, at, notes
    session.flush()
    return dispute
