"""Random lives of loans: whatever was paid, taken back and planned anew, dues, figures and books agree."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from rently_db.lending import (
    Repayment,
    Terms,
    allocate_payment,
    balance_on,
    restructure_loan,
    reverse_payment,
    unallocated_amount,
    unpaid_dues,
)
from rently_db.models import Loan
from rently_db.sessions import session_factory
from tests.lending.desk import Desk, at

TERMS = st.fixed_dictionaries(
    {
        "principal": st.decimals("100.00", "50000.00", places=2),
        "months": st.integers(1, 18),
        "interest_rate": st.decimals(0, "0.4", places=4),
        "fee": st.decimals(0, "500.00", places=2),
        "repayment": st.sampled_from(Repayment),
    }
)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.decimals("0.01", "9000.00", places=2)),
        st.tuples(st.just("bounce"), st.integers(0, 9)),
        st.tuples(st.just("plan"), st.integers(1, 24)),
    ),
    max_size=8,
)
COMPUTED = text(
    "SELECT i.line_id, c.name, c.unpaid FROM analytics.compute_instalments(ARRAY[:loan], :day) AS i CROSS JOIN LATERAL (VALUES"
    " ('penalty', i.unpaid_penalty), ('rc_fee', i.unpaid_rc_fee), ('interest', i.unpaid_interest), ('principal', i.unpaid_principal),"
    " ('other', i.unpaid_other)) AS c (name, unpaid) WHERE i.in_force AND c.unpaid > 0"
)


def live(desk: Desk, terms: dict[str, object], actions: list[tuple[str, object]]) -> Loan:
    """A loan that began ten months ago, and something that happens every four weeks since; gives the loan."""
    session, day = desk.session, desk.months_ago(10)
    loan = desk.lend(Terms(start=day, **terms))  # type: ignore[arg-type]
    payments = []
    for kind, value in actions:
        day += timedelta(days=28)
        if kind == "pay":
            payments.append(desk.receive(str(value), day))
            before = sum(due.amount for due in unpaid_dues(session, loan))
            result = allocate_payment(session, payments[-1], loan)
            settled = sum(part.allocated_amount for part in result.allocations)
            assert settled == min(before, payments[-1].amount)
            assert result.unallocated == payments[-1].amount - settled == unallocated_amount(session, payments[-1])
            assert sum(due.amount for due in unpaid_dues(session, loan)) == before - settled
        elif kind == "bounce" and payments:
            assert isinstance(value, int)
            reverse_payment(session, payments[value % len(payments)], at=at(day))
        elif kind == "plan" and balance_on(session, loan, day) > 0:
            assert isinstance(value, int)
            restructure_loan(session, loan, months=value, reason="re-plan", on=day + timedelta(days=1))
    return loan


@given(TERMS, ACTIONS)
@settings(max_examples=25, deadline=None)
def test_dues_figures_and_books_agree(book_engine: Engine, terms: dict[str, object], actions: list[tuple[str, object]]):
    """After every life what is unpaid is what analytics computes, the balance is the ledger's, and the validations pass."""
    with session_factory(book_engine)() as session:
        desk = Desk(session)
        loan = live(desk, terms, actions)
        far = date(9999, 1, 1)
        computed = {tuple(row) for row in session.execute(COMPUTED, {"loan": loan.id, "day": far})}
        assert {(due.line_id, due.component.value, due.amount) for due in unpaid_dues(session, loan)} == computed
        state = desk.state(loan)
        assert balance_on(session, loan, far) == state.principal_outstanding - state.overpaid_principal
        assert desk.booked(loan_id=loan).get("1100", 0) == state.principal_outstanding - state.overpaid_principal
        # A payment of before a re-plan that bounces leaves a plan of less than there is: for that there is a warning, and another re-plan.
        bounced = {kind for kind, _ in actions} >= {"bounce", "plan"}
        assert [row for row in desk.unsound() if not (bounced and str(row[-1]).startswith("schedules"))] == []


def test_dues_of_the_whole_book_are_what_analytics_computes(desk: Desk):
    """Of every loan of the synthetic book, clerks' allocations without an instalment included, dues are those of the definition."""
    session = desk.session
    loans = session.query(Loan).where(Loan.status == "active").all()
    assert len(loans) > 30
    for loan in loans:
        computed = {tuple(row) for row in session.execute(COMPUTED, {"loan": loan.id, "day": date(9999, 1, 1)})}
        assert {(due.line_id, due.component.value, due.amount) for due in unpaid_dues(session, loan)} == computed
        assert balance_on(session, loan, desk.today) == Decimal(desk.state(loan).principal_outstanding)
