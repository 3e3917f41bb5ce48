"""A new plan for a loan whose old one does not fit any more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rently_db.lending.errors import DateError, PrincipalError
from rently_db.lending.origination import write_plan
from rently_db.lending.reading import (
    active_plan,
    balance_on,
    business_date,
    decimals_of,
    lock,
    moved_since,
    nothing_outstanding,
    require_active,
    unpaid_dues,
)
from rently_db.lending.schedule import ZERO, Instalment, Repayment, Terms, business_day, make_schedule, money
from rently_db.models import (
    AllocationComponent,
    AmortisationLine,
    AmortisationPlan,
    Loan,
    LoanFlag,
    LoanFlagKind,
    PlanStatus,
)


def restructure_loan(
    session: Session,
    loan: Loan,
    *,
    months: int,
    reason: str,
    on: date | None = None,
    interest_rate: Decimal | None = None,
    accrued_interest: Decimal = ZERO,
    repayment: Repayment = Repayment.EQUAL_PRINCIPAL,
    is_forbearance: bool = False,
) -> AmortisationPlan:
    """Replace the active plan by one over what is outstanding at the start of a day (None: the business date); the old one is superseded.

    What is due and unpaid on that day besides principal is carried over, in an instalment of its own that falls due together with the first
    regular one. So are penalties that are not due yet, and what the old plan had carried over itself. Fees that were not due yet are spread
    over the new plan; interest is computed anew from that day on, at ``interest_rate`` if given (it becomes the loan's). Interest earned
    since the last due date is in no plan then: whoever charges it passes it as ``accrued_interest``, and it is carried over, too.
    ``is_forbearance`` sets the flag forborne from that day, for a borrower in difficulty. Days past due begin anew: the active plan is the
    only source of what is owed.

    Raises LoanStatusError unless the loan is active, DateError if the day is not after the start of the old plan, is later than the day
    after the business date, or if principal moved on it or later (the plan would schedule another balance than there is: take the next
    day); PrincipalError if nothing is outstanding, InvalidAmountError. Flushes; the caller commits.
    """
    lock(session, loan)
    require_active(loan, "restructured")
    today = business_date(session, loan.legal_entity_id)
    on = today if on is None else business_day("the first day of the new plan", on)
    old = active_plan(session, loan)
    if not old.effective_from < on <= today + timedelta(days=1):
        raise DateError(
            f"the new plan of loan {loan.loan_number} can't begin on {on}: pass a day after {old.effective_from}, when the old one began, "
            f"up to {today + timedelta(days=1)}"
        )
    moved = moved_since(session, loan, on)
    if moved is not None:
        raise DateError(
            f"principal of loan {loan.loan_number} moved on {moved}, so a plan from {on} would not schedule what is outstanding; "
            f"let it begin on {moved + timedelta(days=1)}"
        )
    outstanding = balance_on(session, loan, on - timedelta(days=1))
    if outstanding <= 0:
        raise PrincipalError(nothing_outstanding(loan))
    accrued = money("the accrued interest", accrued_interest, zero=True)
    carried: defaultdict[str, Decimal] = defaultdict(lambda: ZERO, {"interest": accrued} if accrued else {})
    coming_fees, carries = ZERO, _carrying_line(session, old)
    for due in unpaid_dues(session, loan):
        if due.component is AllocationComponent.PRINCIPAL:
            continue
        if due.due_date <= on or due.line_id == carries or due.component is AllocationComponent.PENALTY:
            carried[due.component.value] += due.amount
        elif due.component is AllocationComponent.RC_FEE:
            coming_fees += due.amount
    rate = loan.interest_rate if interest_rate is None else interest_rate
    terms = Terms(
        principal=outstanding,
        months=months,
        start=on,
        interest_rate=rate,
        fee=coming_fees,
        repayment=repayment,
        decimals=decimals_of(session, loan.currency_code),
    )
    lines = make_schedule(terms)
    if carried:
        first = Instalment(seq_no=1, due_date=lines[0].due_date, **carried)
        lines = (first, *(replace(line, seq_no=line.seq_no + 1) for line in lines))
    old.status, old.effective_through = PlanStatus.SUPERSEDED, on
    session.flush()
    latest = session.scalars(select(func.max(AmortisationPlan.version)).where(AmortisationPlan.loan_id == loan.id)).one()
    plan = write_plan(session, loan, lines, version=latest + 1, effective_from=on, reason=reason)
    loan.interest_rate = rate
    loan.end_date = max(loan.end_date, lines[-1].due_date)
    if is_forbearance:
        session.add(LoanFlag(loan_id=loan.id, flag=LoanFlagKind.FORBORNE, effective_from=on, reason=reason))
    session.flush()
    return plan


def _carrying_line(session: Session, plan: AmortisationPlan) -> UUID | None:
    """The instalment in which a plan carries over what an older one left: its first, without principal, on the day of the second."""
    line = AmortisationLine
    query = select(line.id, line.due_date, line.amount_principal).where(line.plan_id == plan.id).order_by(line.seq_no).limit(2)
    match session.execute(query).all():
        case [first, second] if first.due_date == second.due_date and not first.amount_principal:
            found: UUID = first.id
            return found
    return None
