"""What a loan owes, read from the rows that say so, whatever waits to be computed in `analytics.loan_state`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, cast, func, literal, select, text
from sqlalchemy.orm import Session

from rently_db.lending.errors import LoanStatusError, MismatchError
from rently_db.lending.schedule import CENTS, ZERO, business_day
from rently_db.lending.waterfall import ORDER, Due, still_due
from rently_db.models import AllocationComponent as Component
from rently_db.models import (
    AmortisationLine,
    AmortisationPlan,
    Currency,
    LegalEntity,
    Loan,
    LoanStatus,
    Payment,
    PaymentAllocation,
    PaymentDispute,
    PlanStatus,
)
from rently_db.models.types import UtcDateTime

# The views are the one definition of what counts; what was reversed does not, whenever that was.
_MONEY = text(
    """
    WITH plan AS (
        SELECT t.plan_id, t.cash_from, t.cash_until FROM analytics.plan_timeline AS t WHERE t.loan_id = :loan AND t.plan_id = :plan
    ),
    money AS (
        SELECT a.line_id, a.plan_id, a.component, a.amount, a.value_date
        FROM analytics.dated_allocation AS a
        WHERE a.loan_id = :loan AND a.counts_until = 'infinity' AND a.value_date IS NOT NULL
        UNION ALL
        SELECT j.line_id, NULL, j.component, CASE j.kind WHEN 'refund' THEN -j.amount ELSE j.amount END, j.effective_date
        FROM public.loan_adjustment AS j
        WHERE j.loan_id = :loan AND (j.kind <> 'refund' OR j.line_id IS NOT NULL)
    )
    SELECT m.line_id, m.component, sum(m.amount) AS amount
    FROM money AS m
    CROSS JOIN plan AS p
    WHERE
        m.line_id IS NOT NULL
        OR CASE WHEN m.plan_id IS NULL THEN m.value_date >= p.cash_from AND m.value_date < p.cash_until ELSE m.plan_id = p.plan_id END
    GROUP BY m.line_id, m.component
    """
)
_BALANCE = text(
    "SELECT coalesce(sum(m.amount), 0) FROM analytics.principal_movement AS m"
    " WHERE m.loan_id = :loan AND m.value_date <= :day AND m.counts_until > :day"
)

_MOVED_SINCE = text(
    "SELECT max(CASE WHEN m.counts_until < 'infinity' THEN m.counts_until ELSE m.value_date END) FROM analytics.principal_movement AS m"
    " WHERE m.loan_id = :loan AND (m.value_date >= :day OR (m.counts_until < 'infinity' AND m.counts_until >= :day))"
)


def active_plan(session: Session, loan: Loan) -> AmortisationPlan:
    """The plan that says what the loan owes. Raises LoanStatusError if it has none."""
    found = session.scalar(
        select(AmortisationPlan).where(AmortisationPlan.loan_id == loan.id, AmortisationPlan.status == PlanStatus.ACTIVE)
    )
    if found is None:
        raise LoanStatusError(f"loan {loan.loan_number} has no active plan; give it one, with its lines, before money is allocated")
    return found


def unpaid_dues(session: Session, loan: Loan, *, due_by: date | None = None) -> list[Due]:
    """What the loan's active plan still asks for, in the order of the waterfall; with ``due_by`` only what falls due until that day.

    Everything that was paid and not reversed counts, and waivers, write-offs and refunds. Amounts are in the loan's currency, above 0.
    The definition is that of `docs/analytics.md`; without the tolerance of the product, which excuses a rest but does not pay it.
    Raises LoanStatusError if there is no active plan, DateError if ``due_by`` is no date.
    """
    if due_by is not None:
        business_day("due_by", due_by)
    plan = active_plan(session, loan)
    lines = session.scalars(select(AmortisationLine).where(AmortisationLine.plan_id == plan.id))
    dues = [
        Due(line.id, line.due_date, line.seq_no, component, getattr(line, f"amount_{component.value}"))
        for line in lines
        for component in ORDER
    ]
    rows = session.execute(_MONEY, {"loan": loan.id, "plan": plan.id})
    money = {(row.line_id, Component(row.component)): row.amount for row in rows}
    return [due for due in still_due(dues, money) if due_by is None or due.due_date <= due_by]


def balance_on(session: Session, loan: Loan, day: date) -> Decimal:
    """The principal that the loan owes at the end of a day; below 0 it is overpaid.

    Completed disbursements and what was taken over, less principal paid, waived, written off and moved away. Of a loan that left the book,
    recoveries are among what was paid.
    """
    found: Decimal = session.scalars(_BALANCE, {"loan": loan.id, "day": day}).one()
    return found


def unallocated_amount(session: Session, payment: Payment) -> Decimal:
    """What is left of a payment: its amount less allocations that were not reversed."""
    allocated = select(func.coalesce(func.sum(PaymentAllocation.allocated_amount), ZERO)).where(
        PaymentAllocation.payment_id == payment.id, PaymentAllocation.reversed_at.is_(None)
    )
    return payment.amount - session.scalars(allocated).one()


def business_date(session: Session, legal_entity_id: UUID) -> date:
    """The company's business date: its local date, unless the setting ``rently.business_date`` says otherwise."""
    found = session.scalar(select(func.analytics.business_date(LegalEntity.time_zone, type_=Date)).where(LegalEntity.id == legal_entity_id))
    assert isinstance(found, date)
    return found


def local_date(session: Session, legal_entity_id: UUID, moment: datetime) -> date:
    """The date that a moment has at the company: the value date of money that moves then."""
    zone = func.coalesce(LegalEntity.time_zone, "UTC")
    found = session.scalar(select(cast(func.timezone(zone, literal(moment, UtcDateTime())), Date)).where(LegalEntity.id == legal_entity_id))
    assert isinstance(found, date)
    return found


def decimals_of(session: Session, currency_code: str) -> int:
    """Decimals to which amounts of a currency are rounded: those of its smallest unit, of which the database keeps two at most."""
    found = session.scalar(select(Currency.minor_units).where(Currency.code == currency_code))
    return CENTS if found is None else min(found, CENTS)


def lock(session: Session, *rows: Loan | Payment | PaymentDispute) -> None:
    """Let nobody else change these rows until the transaction ends, and read them as they are now.

    Raises MismatchError for one that was read in another session.

    Lending locks loans before payments, and several of a kind in the order of their ids, so that two transactions wait for each other only
    where a caller works on several loans in turn.
    """
    session.flush()
    for row in rows:
        if row not in session:
            kind = type(row).__name__
            raise MismatchError(f"{row!r} was read in another session; read it in this one: session.get_one({kind}, {kind.lower()}.id)")
    for row in sorted(rows, key=lambda row: (isinstance(row, Payment), row.id)):
        session.refresh(row, with_for_update={"key_share": True})


def moved_since(session: Session, loan: Loan, day: date) -> date | None:
    """The last day from this one on, on which principal of the loan moved or a movement was taken back. None: nothing moved."""
    found: date | None = session.scalars(_MOVED_SINCE, {"loan": loan.id, "day": day}).one()
    return found


def require_active(loan: Loan, done: str) -> None:
    """Raises LoanStatusError, with what was to be done, unless the loan is active."""
    if loan.status is not LoanStatus.ACTIVE:
        raise LoanStatusError(f"loan {loan.loan_number} is {loan.status}; only an active loan is {done}")


def nothing_outstanding(loan: Loan) -> str:
    """What somebody is told who wants to move, write off or schedule the principal of a loan that owes none."""
    return f"nothing is outstanding of the principal of loan {loan.loan_number}; close it, once what else is owed on it is paid or waived"
