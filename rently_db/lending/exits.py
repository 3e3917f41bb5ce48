"""How a loan leaves the book: another one takes it over, it is lost, or it is paid."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from rently_db.lending.books import DEFAULT_CHART, About, Booking, Chart, book_about, on_accounts
from rently_db.lending.errors import DateError, MismatchError, PrincipalError, UnsettledError
from rently_db.lending.origination import undrawn_amount
from rently_db.lending.reading import balance_on, business_date, lock, moved_since, nothing_outstanding, require_active, unpaid_dues
from rently_db.lending.schedule import ZERO, business_day
from rently_db.lending.waterfall import Due
from rently_db.models import (
    AdjustmentKind,
    AllocationComponent,
    CollectionsEvent,
    CollectionsEventType,
    Loan,
    LoanAdjustment,
    LoanStatus,
    LoanTransfer,
    ResolutionStatus,
    TransferStatus,
    TransferType,
)

_DAYS_PAST_DUE = text(
    "SELECT analytics.days_past_due(s.overdue_since, s.grace_days, s.paused_days, s.is_paused, s.as_of, :day)"
    " FROM analytics.compute_loan_state(ARRAY[cast(:loan AS uuid)], :day) AS s"
)


def transfer_loan(
    session: Session,
    source: Loan,
    target: Loan,
    kind: TransferType,
    *,
    approved_by: UUID,
    on: date | None = None,
    reason: str | None = None,
    chart: Chart = DEFAULT_CHART,
) -> LoanTransfer:
    """Move the balance of a loan to another one, which was originated for it; the source leaves the book as transferred.

    The balance is the principal outstanding at the end of a day (None: the business date). The borrowers may differ, companies too: each
    books its side against its clearing account. What is due besides principal does not move.

    Raises LoanStatusError unless both are active, MismatchError if they are one or differ in currency, UnsettledError if interest, fees,
    penalties or other amounts are due and unpaid on the source, PrincipalError if nothing is outstanding or the target's contract is too
    small for it, DateError if the day is in the future or principal moved since, BooksError. Flushes; the caller commits.
    """
    if source.id == target.id:
        raise MismatchError(f"loan {source.loan_number} can't take itself over; originate the loan that does")
    lock(session, source, target)
    for loan in (source, target):
        require_active(loan, "part of a transfer")
    if source.currency_code != target.currency_code:
        raise MismatchError(
            f"loan {source.loan_number} is in {source.currency_code}, {target.loan_number} in {target.currency_code}; "
            "a balance moves within its currency"
        )
    on = _past_day(session, source, on)
    owed = _besides_principal(unpaid_dues(session, source, due_by=on))
    if owed:
        raise UnsettledError(
            f"{owed} {source.currency_code} besides principal are due on loan {source.loan_number}; "
            "a transfer moves principal alone: let them be paid or waived first"
        )
    balance = _outstanding(session, source, on)
    room = undrawn_amount(session, target)
    if balance > room:
        raise PrincipalError(
            f"{balance} {source.currency_code} are outstanding on loan {source.loan_number}, but {target.loan_number} has room for {room}; "
            "originate a loan of a principal that covers it"
        )
    entries = {
        loan.id: on_accounts(session, loan.legal_entity_id, [(debit, balance), (credit, -balance)])
        for loan, debit, credit in ((source, chart.clearing, chart.receivable), (target, chart.receivable, chart.clearing))
    }
    made = LoanTransfer(
        source_loan_id=source.id,
        target_loan_id=target.id,
        transfer_type=kind,
        transfer_amount=balance,
        transfer_date=on,
        reason=reason,
        status=TransferStatus.COMPLETED,
        approved_by=approved_by,
        completed_at=datetime.now(UTC),
    )
    session.add(made)
    source.status = LoanStatus.TRANSFERRED
    session.flush()
    for loan in (source, target):
        title = f"Balance of {source.loan_number} to {target.loan_number}"
        booking = Booking(legal_entity_id=loan.legal_entity_id, currency_code=loan.currency_code, on=on, description=title, by=approved_by)
        book_about(session, booking, About(loan_id=loan.id), entries[loan.id])
    return made


def write_off_loan(
    session: Session,
    loan: Loan,
    *,
    reason: str,
    on: date | None = None,
    chart: Chart = DEFAULT_CHART,
    by: UUID | None = None,
) -> tuple[LoanAdjustment, ...]:
    """Give up what a loan owes on a day (None: the business date).

    Writes adjustments by component, the status written_off, a collections event, and the loss in the books. Principal is written off
    whole, other components as far as they are due and unpaid; only principal is booked, since nothing else was income before it was paid.
    The status changes now, whatever the day, and only what is paid from tomorrow on is a recovery (`allocate_payment`): allocate what
    arrived until today before.

    Raises LoanStatusError unless the loan is active, PrincipalError if nothing is outstanding, DateError if the day is in the future or
    principal moved since, BooksError. Flushes; the caller commits.
    """
    lock(session, loan)
    require_active(loan, "written off")
    on = _past_day(session, loan, on)
    balance = _outstanding(session, loan, on)
    dues = unpaid_dues(session, loan, due_by=on)
    days_past_due = session.scalars(_DAYS_PAST_DUE, {"loan": loan.id, "day": on}).one()
    lost: defaultdict[AllocationComponent, Decimal] = defaultdict(lambda: ZERO, {AllocationComponent.PRINCIPAL: balance})
    for due in dues:
        if due.component is not AllocationComponent.PRINCIPAL:
            lost[due.component] += due.amount
    entries = on_accounts(session, loan.legal_entity_id, [(chart.written_off, balance), (chart.receivable, -balance)])
    made = tuple(
        LoanAdjustment(
            loan_id=loan.id,
            component=component,
            kind=AdjustmentKind.WRITE_OFF,
            amount=amount,
            effective_date=on,
            reason=reason,
            created_by=by,
        )
        for component, amount in lost.items()
    )
    session.add_all(made)
    session.add(
        CollectionsEvent(
            loan_id=loan.id,
            event_type=CollectionsEventType.WRITE_OFF,
            event_at=datetime.now(UTC),
            actor_party_id=by,
            dpd_snapshot=days_past_due,
            amount_involved=sum(lost.values(), ZERO),
            currency_code=loan.currency_code,
            resolution_status=ResolutionStatus.CLOSED,
            notes=reason,
        )
    )
    loan.status = LoanStatus.WRITTEN_OFF
    session.flush()
    booking = Booking(
        legal_entity_id=loan.legal_entity_id,
        currency_code=loan.currency_code,
        on=on,
        description=f"Write-off of {loan.loan_number}: {reason}",
        by=by,
    )
    book_about(session, booking, About(loan_id=loan.id), entries)
    return made


def close_loan(session: Session, loan: Loan) -> Loan:
    """End a loan on which nothing is owed any more: no principal that was lent, and nothing else that its plan asks for, due or not.

    Of principal that was never paid out nothing is owed, and a contract of which nothing was paid out or is on its way can always be ended.
    Raises LoanStatusError unless it is active, UnsettledError if something is unpaid. Flushes; the caller commits.
    """
    lock(session, loan)
    require_active(loan, "closed")
    drawn = undrawn_amount(session, loan) < loan.principal_amount or moved_since(session, loan, date.min) is not None
    if drawn:
        besides = _besides_principal(unpaid_dues(session, loan))
        owed = besides + max(balance_on(session, loan, date.max), ZERO)
        if owed > 0:
            raise UnsettledError(
                f"{owed} {loan.currency_code} are still owed on loan {loan.loan_number}, {besides} of them besides principal; "
                "a loan is closed when all of it is paid or waived"
            )
    loan.status = LoanStatus.CLOSED
    session.flush()
    return loan


def _past_day(session: Session, loan: Loan, on: date | None) -> date:
    today = business_date(session, loan.legal_entity_id)
    if on is not None and business_day("the day", on) > today:
        raise DateError(f"{on} is in the future at the company of loan {loan.loan_number}; pass a day up to {today}")
    return on or today


def _outstanding(session: Session, loan: Loan, on: date) -> Decimal:
    """What leaves the book: the balance of the day, which must be the balance there is."""
    moved = moved_since(session, loan, on + timedelta(days=1))
    if moved is not None:
        raise DateError(f"principal of loan {loan.loan_number} moved on {moved}, after {on}; pass that day or a later one")
    balance = balance_on(session, loan, on)
    if balance <= 0:
        raise PrincipalError(nothing_outstanding(loan))
    return balance


def _besides_principal(dues: list[Due]) -> Decimal:
    return sum((due.amount for due in dues if due.component is not AllocationComponent.PRINCIPAL), ZERO)
