"""Money that comes in: recorded once, allocated by the waterfall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from rently_db.lending.books import DEFAULT_CHART, About, Booking, Chart, book_about, on_accounts
from rently_db.lending.errors import DuplicateError, LoanStatusError, MismatchError, PaymentStatusError
from rently_db.lending.reading import active_plan, business_date, local_date, lock, unallocated_amount, unpaid_dues
from rently_db.lending.schedule import ZERO, moment, money
from rently_db.lending.waterfall import Split, waterfall
from rently_db.models import (
    AllocationComponent,
    LedgerEntry,
    Loan,
    LoanStatus,
    Payment,
    PaymentAllocation,
    PaymentDirection,
    PaymentStatus,
)

_LOST = text(
    "SELECT s.exited_on, s.principal_written_off - s.principal_recovered AS lost"
    " FROM analytics.compute_loan_state(ARRAY[cast(:loan AS uuid)], :day) AS s"
)


_ANNOUNCED = (PaymentStatus.PENDING, PaymentStatus.PROCESSING)
_ARRIVED = (PaymentStatus.COMPLETED, PaymentStatus.REVERSED)


class Recorded(NamedTuple):
    """A payment, and whether this call recorded that it arrived; False: the message was delivered before."""

    payment: Payment
    is_new: bool


@dataclass(frozen=True, slots=True)
class Allocated:
    """What a call allocated, in the order of the waterfall, and what of the payment is left."""

    allocations: tuple[PaymentAllocation, ...]
    unallocated: Decimal


def record_payment(
    session: Session,
    *,
    legal_entity_id: UUID,
    currency_code: str,
    amount: Decimal,
    received_at: datetime,
    provider: str | None,
    external_reference: str | None,
    payer_party_id: UUID | None = None,
    instrument_id: UUID | None = None,
    chart: Chart = DEFAULT_CHART,
    by: UUID | None = None,
) -> Recorded:
    """Record a completed inbound payment once, and book it as cash that is not allocated yet.

    ``provider`` and ``external_reference`` are the key: whoever delivers the same message again, even at the same time, gets the payment
    that is there. One that was announced before, pending or processing, is completed; so is one that failed at first, as a card does at the
    first attempt. Without a reference, or with a blank one, nothing can tell a repetition from a second payment. ``received_at`` is an
    aware datetime; ``currency_code`` may be in small letters, as providers write it.

    Raises InvalidAmountError, DateError, BooksError; DuplicateError if the reference is that of a payment which differs in company,
    currency or amount; PaymentStatusError if it is that of one which was cancelled, or failed after it had been booked or allocated.
    Flushes; the caller commits.
    """
    # What is compared with the payment that is there is spelt as the database spells it.
    legal_entity_id, currency_code = UUID(str(legal_entity_id)), currency_code.strip().upper()
    if external_reference is not None and not external_reference.strip():
        external_reference = None
    values: dict[str, Any] = {
        "legal_entity_id": legal_entity_id,
        "currency_code": currency_code,
        "amount": money("the payment", amount),
        "direction": PaymentDirection.INBOUND,
        "provider": provider,
        "external_reference": external_reference,
        "payer_party_id": payer_party_id,
        "instrument_id": instrument_id,
        "received_at": moment("received_at", received_at),
        "status": PaymentStatus.COMPLETED,
    }
    entries = on_accounts(session, legal_entity_id, [(chart.cash, values["amount"]), (chart.unapplied, -values["amount"])])
    made = session.scalars(insert(Payment).values(values).on_conflict_do_nothing().returning(Payment)).one_or_none()
    if made is None:
        made = _recorded_before(session, values)
        if made.status in _ARRIVED:
            return Recorded(made, is_new=False)
        if made.status not in _ANNOUNCED and not _failed_at_first(session, made):
            raise PaymentStatusError(
                f"payment {external_reference} of {provider or 'no provider'} is recorded as {made.status}, but now it is reported as "
                "arrived; ask the provider, and set its status to pending if it did"
            )
        made.status, made.received_at = PaymentStatus.COMPLETED, received_at
        session.flush()
    booking = Booking(
        legal_entity_id=legal_entity_id,
        currency_code=currency_code,
        on=local_date(session, legal_entity_id, received_at),
        description=f"Payment {external_reference or made.id}",
        by=by,
    )
    book_about(session, booking, About(payment_id=made.id), entries)
    return Recorded(made, is_new=True)


def _recorded_before(session: Session, values: dict[str, Any]) -> Payment:
    provider, reference = values["provider"], values["external_reference"]
    found = session.scalars(
        select(Payment).where(func.coalesce(Payment.provider, "") == (provider or ""), Payment.external_reference == reference)
    ).one()
    lock(session, found)
    differing = [name for name in ("legal_entity_id", "currency_code", "amount", "direction") if getattr(found, name) != values[name]]
    if differing:
        was, now = (
            ", ".join(str(value) for value in row) for row in zip(*((getattr(found, n), values[n]) for n in differing), strict=True)
        )
        raise DuplicateError(
            f"payment {reference} of {provider or 'no provider'} is recorded with {' and '.join(differing)} {was}, not {now}; "
            "ask the provider which is right, or use the reference of this payment"
        )
    return found


def _failed_at_first(session: Session, payment: Payment) -> bool:
    """Whether a payment failed before its money ever was here: nothing is booked about it, and nothing settled."""
    moved = select(LedgerEntry.id).where(LedgerEntry.payment_id == payment.id).exists()
    settled = select(PaymentAllocation.id).where(PaymentAllocation.payment_id == payment.id).exists()
    return payment.status is PaymentStatus.FAILED and not session.scalar(select(moved | settled))


def allocate_payment(
    session: Session,
    payment: Payment,
    loan: Loan,
    *,
    due_by: date | None = None,
    chart: Chart = DEFAULT_CHART,
    by: UUID | None = None,
) -> Allocated:
    """Settle what a loan owes with what is left of a payment, by the waterfall; what is more than that stays unallocated.

    ``due_by``: settle only what falls due until that day (None: all instalments of the plan, so that paying ahead is possible). On a loan
    that was written off the money is a recovery: allocated as principal, up to what was written off, and booked against the loss. Called
    again, it allocates what is left then, often nothing. Two sessions that allocate to one loan, or of one payment, take turns.

    Raises PaymentStatusError unless the payment is inbound and completed, MismatchError if currency or company are not the loan's,
    LoanStatusError if the loan was transferred or has no plan, DateError if ``due_by`` is no date, BooksError. Flushes; the caller commits.
    """
    lock(session, loan, payment)
    _check_allocatable(payment, loan)
    left, plan = unallocated_amount(session, payment), active_plan(session, loan)
    value_date = local_date(session, loan.legal_entity_id, payment.received_at or payment.processed_at or datetime.now(UTC))
    recovers = loan.status is LoanStatus.WRITTEN_OFF
    parts: list[tuple[UUID | None, AllocationComponent, Decimal]]
    if recovers:
        recovered = min(left, _still_lost(session, loan, value_date))
        parts = [(None, AllocationComponent.PRINCIPAL, recovered)] if recovered else []
    else:
        split: Split = waterfall(left, unpaid_dues(session, loan, due_by=due_by))
        parts = [(share.due.line_id, share.due.component, share.amount) for share in split.shares]
    if not parts:
        return Allocated((), left)
    settled = sum((amount for _, _, amount in parts), ZERO)
    credited = [(chart.written_off if recovers else chart.of(component), -amount) for _, component, amount in parts]
    entries = on_accounts(session, loan.legal_entity_id, [(chart.unapplied, settled), *credited])
    made = _insert(
        session,
        [
            {
                "payment_id": payment.id,
                "loan_id": loan.id,
                "plan_id": plan.id,
                "line_id": line,
                "component": component,
                "allocated_amount": part,
            }
            for line, component, part in parts
        ],
    )
    if payment.processed_at is None:
        payment.processed_at = datetime.now(UTC)
    session.flush()
    booking = Booking(
        legal_entity_id=loan.legal_entity_id,
        currency_code=loan.currency_code,
        on=value_date,
        description=f"{'Recovery' if recovers else 'Payment'} on {loan.loan_number}",
        by=by,
    )
    # Both sides name the loan: what is booked about a loan balances too.
    book_about(session, booking, About(loan_id=loan.id, payment_id=payment.id), entries)
    return Allocated(made, left - settled)


def _insert(session: Session, rows: list[dict[str, Any]]) -> tuple[PaymentAllocation, ...]:
    """Write allocations in one statement, in which the database judges them together; they come back in any order."""
    made = session.scalars(insert(PaymentAllocation).returning(PaymentAllocation), rows).all()
    order = {(row["line_id"], row["component"]): place for place, row in enumerate(rows)}
    return tuple(sorted(made, key=lambda allocation: order[allocation.line_id, allocation.component]))


def _check_allocatable(payment: Payment, loan: Loan) -> None:
    if payment.direction is not PaymentDirection.INBOUND or payment.status is not PaymentStatus.COMPLETED:
        raise PaymentStatusError(
            f"payment {payment.id} is {payment.direction} and {payment.status}; only inbound completed payments are allocated"
        )
    if payment.currency_code != loan.currency_code:
        raise MismatchError(
            f"payment {payment.id} is in {payment.currency_code}, loan {loan.loan_number} in {loan.currency_code}; exchange the money "
            "first, and record what that gave"
        )
    if payment.legal_entity_id != loan.legal_entity_id:
        raise MismatchError(f"payment {payment.id} came to another company than the one that lent {loan.loan_number}; move the money first")
    if loan.status is LoanStatus.TRANSFERRED:
        raise LoanStatusError(f"loan {loan.loan_number} was transferred; allocate to the loan that took its balance over")


def _still_lost(session: Session, loan: Loan, value_date: date) -> Decimal:
    """What was written off and is not recovered yet."""
    today = max(value_date, business_date(session, loan.legal_entity_id))
    exited_on, lost = session.execute(_LOST, {"loan": loan.id, "day": today}).one()
    if exited_on is None or value_date <= exited_on:
        raise LoanStatusError(
            f"loan {loan.loan_number} was written off on {exited_on or today}, and a payment of {value_date} is no recovery: "
            "recoveries begin on the next day; leave it unallocated"
        )
    rest: Decimal = max(lost, ZERO)
    return rest
