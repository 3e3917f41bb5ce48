"""A new plan for a loan whose old one does not fit any more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rently_db.lending.errors import DateError, PrincipalError
from rently_db.lending.origination import write_plan
from rently_db.lending.reading import active_plan, balance_on, business_date, lock, moved_since, require_active, unpaid_dues
from rently_db.lending.schedule import ZERO, Repayment, Terms, make_schedule
from rently_db.models import (
    AllocationComponent,
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
    repayment: Repayment = Repayment.EQUAL_PRINCIPAL,
    is_forbearance: bool = False,
) -> AmortisationPlan:
    """Replace the active plan by one over what is outstanding at the start of a day (None: the business date); the old one is superseded.

    What is due and unpaid by then besides principal falls due with the first new instalment, component by component; fees that were not
    due yet are spread over the new plan; interest is computed anew, at ``interest_rate`` if given (it becomes the loan's).
    ``is_forbearance`` sets the flag forborne from that day, for a borrower in difficulty. Days past due begin anew: the active plan is
    the only source of what is owed.

    Raises LoanStatusError unless the loan is active, DateError if the day is not after the start of the old plan, is later than the day
    after the business date, or if principal moved on it or later (the plan would schedule another balance than there is: take the next
    day); PrincipalError if nothing is outstanding, InvalidAmountError. Flushes; the caller commits.
    """
    lock(session, loan)
    require_active(loan, "restructured")
    today = business_date(session, loan.legal_entity_id)
    on = on or today
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
        raise PrincipalError(f"nothing is outstanding on loan {loan.loan_number}; close it instead")
    carried: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    coming_fees = ZERO
    for due in unpaid_dues(session, loan):
        if due.due_date < on and due.component is not AllocationComponent.PRINCIPAL:
            carried[due.component.value] += due.amount
        elif due.component is AllocationComponent.RC_FEE:
            coming_fees += due.amount
    rate = loan.interest_rate if interest_rate is None else interest_rate
    terms = Terms(principal=outstanding, months=months, start=on, interest_rate=rate, fee=coming_fees, repayment=repayment)
    first, *others = make_schedule(terms)
    first = replace(first, **{name: getattr(first, name) + amount for name, amount in carried.items()})
    old.status, old.effective_through = PlanStatus.SUPERSEDED, on
    session.flush()
    latest = session.scalars(select(func.max(AmortisationPlan.version)).where(AmortisationPlan.loan_id == loan.id)).one()
    plan = write_plan(session, loan, [first, *others], version=latest + 1, effective_from=on, reason=reason)
    loan.interest_rate = rate
    loan.end_date = max(loan.end_date, [first, *others][-1].due_date)
    if is_forbearance:
        session.add(LoanFlag(loan_id=loan.id, flag=LoanFlagKind.FORBORNE, effective_from=on, reason=reason))
    session.flush()
    return plan
