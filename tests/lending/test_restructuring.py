"""A new plan: what it schedules, what it carries over from the old one, and when it may begin."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from rently_db.lending import (
    DateError,
    InvalidAmountError,
    LoanStatusError,
    PrincipalError,
    Repayment,
    Terms,
    close_loan,
    restructure_loan,
    unpaid_dues,
)
from rently_db.models import AllocationComponent, AmortisationLine, AmortisationPlan, Loan, LoanFlag
from tests.lending.desk import Desk
from tests.lending.test_changes import tomorrow
from tests.lending.test_payments import terms


def test_a_new_plan_schedules_what_is_outstanding(desk: Desk):
    """After a re-plan the balance falls due anew; what was due besides principal comes with the first of it; nothing is late."""
    loan = desk.lend(terms(desk))
    desk.pay(loan, "1150.00", desk.months_ago(2))
    end = loan.end_date
    plan = restructure_loan(desk.session, loan, months=24, reason="income fell", interest_rate=Decimal("0.06"), is_forbearance=True)
    lines = desk.session.scalars(
        select(AmortisationLine).where(AmortisationLine.plan_id == plan.id).order_by(AmortisationLine.seq_no)
    ).all()
    assert (len(lines), sum(line.amount_principal for line in lines)) == (25, 11000)
    # By hand: 200.00 of old interest and the old fee of 10.00; 11000.00 / 24 = 458.33; 11000.00 * 0.005 = 55.00; 90.00 / 24 = 3.75.
    assert [(line.amount_principal, line.amount_interest, line.amount_rc_fee) for line in lines[:2]] == [
        (0, 200, 10),
        (Decimal("458.33"), 55, Decimal("3.75")),
    ]
    assert lines[0].due_date == lines[1].due_date < lines[2].due_date
    assert sum(line.amount_rc_fee for line in lines) == 100
    assert (loan.interest_rate, loan.end_date) == (Decimal("0.06"), lines[-1].due_date)
    assert loan.end_date > end
    plans = select(AmortisationPlan.version, AmortisationPlan.status, AmortisationPlan.effective_from, AmortisationPlan.effective_through)
    assert desk.session.execute(plans.where(AmortisationPlan.loan_id == loan.id).order_by(AmortisationPlan.version)).all() == [
        (1, "superseded", loan.start_date, desk.today),
        (2, "active", desk.today, None),
    ]
    assert desk.session.scalars(select(LoanFlag.flag).where(LoanFlag.loan_id == loan.id)).all() == ["forborne"]
    state = desk.state(loan)
    assert (state.principal_outstanding, state.arrears, state.dpd, state.next_due_amount) == (11000, 0, 0, Decimal("727.08"))
    assert desk.session.scalar(text("SELECT count(*) FROM ops.row_journal WHERE rule = 'amortisation_plan_superseded'")) == 0
    desk.pay(loan, "727.08", desk.today)
    assert desk.state(loan).principal_outstanding == Decimal("10541.67")
    with pytest.raises(DateError, match=f"can't begin on {desk.today}"):  # the message was delivered twice
        restructure_loan(desk.session, loan, months=24, reason="income fell")
    assert desk.unsound() == []


def carried(desk: Desk, loan: Loan) -> dict[str, Decimal]:
    """What the loan's plan asks for besides principal on its first day, of what is not paid yet, by component."""
    dues = unpaid_dues(desk.session, loan)
    first = min(due.due_date for due in dues)
    found: dict[str, Decimal] = {}
    for due in dues:
        if due.due_date == first and due.component is not AllocationComponent.PRINCIPAL:
            found[due.component.value] = found.get(due.component.value, Decimal(0)) + due.amount
    return found


def test_a_new_plan_of_a_new_plan_asks_for_what_was_due_before_the_first(desk: Desk):
    """Planned anew a day later, and after a payment in between, nothing is lost of interest, fees, penalties and other amounts."""
    loan = desk.lend(terms(desk))
    desk.session.execute(
        text(
            "UPDATE public.amortisation_line AS i SET amount_penalty = 15, amount_other = 7 FROM public.amortisation_plan AS p"
            " WHERE p.id = i.plan_id AND p.loan_id = :loan AND i.seq_no = 2"
        ),
        {"loan": loan.id},
    )
    # By hand: overdue are 330.00 of interest and 30.00 of fees; 90.00 of fees come; a month earns 120.00.
    restructure_loan(desk.session, loan, months=3, reason="income fell")
    assert carried(desk, loan) == {"penalty": 15, "rc_fee": 60, "interest": 450, "other": 7}
    desk.pay(loan, "50.00", desk.today)  # the penalty, the old fee, and 5.00 of the old interest
    restructure_loan(desk.session, loan, months=2, reason="a slip", on=desk.today + timedelta(days=1))
    assert carried(desk, loan) == {"rc_fee": 45, "interest": 445, "other": 7}
    assert sum(due.amount for due in unpaid_dues(desk.session, loan) if due.component is AllocationComponent.RC_FEE) == 90
    assert desk.unsound() == []


def test_what_is_due_on_the_day_of_the_new_plan_is_carried_over(desk: Desk):
    """The month of interest that ends on that day was earned under the old plan, and is asked for under the new one."""
    start = desk.months_ago(2)
    loan = desk.lend(Terms(principal=Decimal("1200.00"), months=12, start=start, interest_rate=Decimal("0.12"), fee=Decimal("12.00")))
    second_due = sorted({due.due_date for due in unpaid_dues(desk.session, loan)})[1]
    # By hand: 12.00 of the first month and 11.00 of the second, which ends that day; 12.00 of the coming one. Fees: 2.00, and 10.00 / 4.
    restructure_loan(desk.session, loan, months=4, reason="income fell", on=second_due)
    assert carried(desk, loan) == {"interest": 35, "rc_fee": Decimal("4.50")}
    assert desk.unsound() == []


def test_interest_that_was_earned_is_carried_over_on_request(desk: Desk):
    """A bullet loan of which nothing is due yet: what its first month earned is in the new plan only if the caller says how much."""
    loan = desk.lend(
        Terms(
            principal=Decimal("1200.00"),
            months=12,
            start=desk.months_ago(1),
            interest_rate=Decimal("0.12"),
            repayment=Repayment.BULLET,
        )
    )
    with pytest.raises(InvalidAmountError, match=r"the accrued interest is -1"):
        restructure_loan(desk.session, loan, months=4, reason="income fell", accrued_interest=Decimal(-1))
    restructure_loan(desk.session, loan, months=4, reason="income fell", accrued_interest=Decimal("12.00"))
    assert carried(desk, loan) == {"interest": 24}
    assert desk.unsound() == []


def test_a_plan_begins_when_nothing_moved(desk: Desk):
    """A plan from a day on which principal was paid would schedule another balance: it may begin on the day after."""
    loan = desk.lend(terms(desk))
    desk.pay(loan, "1130.00", desk.today)
    with pytest.raises(DateError, match=f"moved on {desk.today}, .*let it begin on {desk.today + timedelta(days=1)}"):
        restructure_loan(desk.session, loan, months=24, reason="tenor extended")
    plan = restructure_loan(
        desk.session, loan, months=24, reason="tenor extended", on=desk.today + timedelta(days=1), repayment=Repayment.ANNUITY
    )
    assert plan.effective_from == desk.today + timedelta(days=1)
    assert desk.unsound() == []
    tomorrow(desk)
    assert (desk.state(loan).principal_outstanding, desk.state(loan).dpd) == (11000, 0)
    assert desk.unsound() == []


def test_a_plan_does_not_begin_before_the_one_it_replaces(desk: Desk):
    """Nor two days ahead: what is paid until then would be missing in it."""
    loan = desk.lend(terms(desk))
    for wrong in (loan.start_date, desk.today + timedelta(days=2)):
        with pytest.raises(DateError, match=f"can't begin on {wrong}"):
            restructure_loan(desk.session, loan, months=24, reason="tenor extended", on=wrong)


def test_only_an_active_loan_that_owes_gets_a_new_plan(desk: Desk):
    """One that is closed does not, and one of which nothing is paid out has no balance."""
    drawn, undrawn = desk.lend(terms(desk)), desk.contract(terms(desk))
    with pytest.raises(PrincipalError, match="nothing is outstanding"):
        restructure_loan(desk.session, undrawn, months=24, reason="tenor extended")
    desk.pay(drawn, "12900.00", desk.months_ago(1))
    close_loan(desk.session, drawn)
    with pytest.raises(LoanStatusError, match="is closed; only an active loan is restructured"):
        restructure_loan(desk.session, drawn, months=24, reason="tenor extended")
