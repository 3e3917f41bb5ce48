"""The oracle itself, on cases small enough to know the answer without it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.oracle.cases import Case, at
from tests.oracle.fx import fx_rate
from tests.oracle.instalments import instalments_of
from tests.oracle.loans import LoanState, state_of
from tests.oracle.risk import Risk, risks_of, states_of

JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
ON_TIME = at(2026, 1, 31, 4)


def state(case: Case, loan: str, day: date) -> LoanState:
    """A loan of the case as of a day."""
    book = case.book()
    return state_of(book, book.loans[loan], day)


def risk(case: Case, loan: str, day: date) -> Risk:
    """The risk of a loan of the case as of a day."""
    book = case.book()
    return risks_of(book, states_of(book, dict.fromkeys(book.entities, day)))[loan]


def test_half_a_payment_halves_the_arrears_and_leaves_the_days() -> None:
    """500 of 1,000 leaves days past due unchanged and arrears down by 500."""
    case = Case()
    loan = case.loan()
    [line, *_] = case.plan(loan, JAN, FEB)
    case.pay(loan, "500", ON_TIME, line)
    found = state(case, loan, date(2026, 2, 10))
    assert (found.arrears, found.overdue_since, found.dpd, found.outstanding) == (Decimal(500), JAN, 10, Decimal(2500))


def test_due_today_is_not_late() -> None:
    """Days past due count from the day after the due date."""
    case = Case()
    loan = case.loan()
    case.plan(loan, JAN)
    assert (state(case, loan, JAN).arrears, state(case, loan, JAN).dpd) == (0, 0)
    assert (state(case, loan, date(2026, 2, 1)).arrears, state(case, loan, date(2026, 2, 1)).dpd) == (1000, 1)


@pytest.mark.parametrize(
    ("days", "sort"), [(0, 0), (1, 1), (7, 1), (8, 2), (30, 2), (31, 3), (60, 3), (61, 4), (90, 4), (91, 5), (180, 5), (181, 6)]
)
def test_each_number_of_days_has_its_bucket(days: int, sort: int) -> None:
    """The edges of the buckets are where the table of rules puts them."""
    case = Case()
    loan = case.loan()
    case.plan(loan, JAN)
    assert risk(case, loan, date.fromordinal(JAN.toordinal() + days)).bucket_sort == sort


@pytest.mark.parametrize(("entity", "class_"), [("sg", "watch"), ("ae", "substandard")])
def test_exactly_ninety_days_depends_on_the_operator(entity: str, class_: str) -> None:
    """``more_than`` 90 keeps a loan performing on the ninetieth day, ``or_more`` does not."""
    case = Case()
    loan = case.loan(entity)
    case.plan(loan, JAN)
    found = risk(case, loan, date(2026, 5, 1))
    assert (found.state.dpd, found.class_, found.is_default) == (90, class_, class_ == "substandard")


def test_tolerance_is_for_each_instalment() -> None:
    """999.99 of 1,000 settles an instalment with a tolerance of a cent; without one it stays late."""
    case = Case()
    case.add("product", id="tolerant", tolerance_amount=Decimal("0.01"))
    plain, tolerant = case.loan(), case.loan(product="tolerant")
    for loan in (plain, tolerant):
        [line, _] = case.plan(loan, JAN, FEB)
        case.pay(loan, "999.99", ON_TIME, line)
    assert state(case, plain, date(2026, 3, 10)).overdue_since == JAN
    found = state(case, tolerant, date(2026, 3, 10))
    assert (found.overdue_since, found.arrears, found.instalments[0].settled_on) == (FEB, Decimal(1000), JAN)


def test_grace_and_pauses_are_taken_off() -> None:
    """Days of grace, and days of a pause counted once where two overlap, are no days past due."""
    case = Case()
    case.add("product", id="graceful", grace_days=5)
    loan = case.loan(product="graceful")
    case.plan(loan, JAN)
    for begin, end in ((date(2026, 2, 3), date(2026, 2, 6)), (date(2026, 2, 5), date(2026, 2, 8))):
        case.add("loan_flag", loan_id=loan, flag="payment_pause", effective_from=begin, effective_through=end)
    found = state(case, loan, date(2026, 2, 20))
    assert (found.days_late, found.paused_days, found.dpd) == (20, 5, 10)


def test_late_evening_is_already_tomorrow_in_the_east() -> None:
    """A payment at 22:30 UTC of the 30th is on the 31st in Singapore and Dubai; one at 19:00 only in Singapore."""
    case = Case()
    singapore, dubai = case.loan("sg"), case.loan("ae")
    for loan in (singapore, dubai):
        case.plan(loan, JAN)
        case.pay(loan, "10", at(2026, 1, 30, 22, 30))
        case.pay(loan, "20", at(2026, 1, 30, 19, 0))
    assert [state(case, loan, date(2026, 1, 30)).total("allocation") for loan in (singapore, dubai)] == [0, 20]
    assert [state(case, loan, JAN).total("allocation") for loan in (singapore, dubai)] == [30, 30]


def test_money_without_a_line_pays_the_oldest_instalment_first() -> None:
    """A pool of 1,500 settles the first instalment and half of the second; money with a line goes before it."""
    case = Case()
    loan = case.loan()
    first, *_ = case.plan(loan, JAN, FEB, MAR)
    case.pay(loan, "1500", ON_TIME)
    found = state(case, loan, MAR)
    assert [line.unpaid() for line in found.instalments] == [0, 500, 1000]
    case.pay(loan, "1000", at(2026, 3, 1), first)
    found = state(case, loan, MAR)
    assert [line.unpaid() for line in found.instalments] == [0, 0, 500]
    assert [line.settled_on for line in found.instalments] == [date(2026, 3, 1), JAN, None]


def test_paying_too_much_of_a_fee_pays_no_principal() -> None:
    """Each component is floored at 0 by itself."""
    case = Case()
    loan = case.loan()
    [line] = case.plan(loan, JAN)
    case.pay(loan, "5000", ON_TIME, line, "rc_fee")
    assert state(case, loan, FEB).arrears == 1000


def test_a_new_plan_owes_from_its_first_day_and_old_cash_does_not_pay_it() -> None:
    """Money from before a re-plan has lowered what the new plan schedules; it settles none of its lines."""
    case = Case()
    loan = case.loan()
    case.plan(loan, JAN, FEB, status="superseded")
    case.plan(loan, MAR, version=2, begin=date(2026, 2, 15), amount="2000")
    case.pay(loan, "1000", ON_TIME)
    before, after = state(case, loan, date(2026, 2, 14)), state(case, loan, date(2026, 4, 10))
    assert (before.instalments[0].settled_on, before.dpd) == (JAN, 0)
    assert (after.overdue_since, after.arrears, after.outstanding, after.dpd) == (MAR, 2000, 2000, 10)


def test_a_reversal_opens_the_instalment_from_its_due_date() -> None:
    """The day before the reversal still counts the payment; from the reversal on the instalment is late since it was due."""
    case = Case()
    loan = case.loan()
    [line] = case.plan(loan, JAN)
    payment = case.pay(loan, "1000", ON_TIME, line)
    case.change("payment", payment, status="reversed", reversed_at=at(2026, 2, 20, 4))
    assert state(case, loan, date(2026, 2, 19)).dpd == 0
    assert (state(case, loan, date(2026, 2, 20)).dpd, state(case, loan, date(2026, 2, 20)).max_dpd) == (20, 20)


def test_what_remains_is_written_off_and_recoveries_are_apart() -> None:
    """A write-off takes the loan from the book with what remains; what comes later is recovered, and changes no loss."""
    case = Case()
    loan = case.loan()
    [line, _] = case.plan(loan, JAN, FEB)
    case.pay(loan, "400", ON_TIME, line)
    case.status(loan, "written_off", at(2026, 6, 1, 4))
    case.pay(loan, "300", at(2026, 7, 1, 4), line)
    found = state(case, loan, date(2026, 8, 1))
    assert (found.status, found.exited_on, found.outstanding, found.arrears) == ("written_off", date(2026, 6, 1), 0, 0)
    assert (found.principal_written_off, found.recovered, found.overpaid) == (2600, 300, 0)
    assert found.max_dpd == (date(2026, 5, 31) - JAN).days
    assert state(case, loan, date(2026, 5, 31)).outstanding == 2600


def test_the_two_loan_golden_case() -> None:
    """A cured loan with an old note of 95 days is at 0; a loan 40 days late that nobody noted is at 40."""
    case = Case()
    cured, late = case.loan(), case.loan()
    [line] = case.plan(cured, JAN)
    case.plan(late, JAN)
    case.pay(cured, "1000", at(2026, 2, 10, 4), line)
    case.add("collections_event", loan_id=cured, event_type="call_attempt", event_at=at(2026, 2, 9), dpd_snapshot=95)
    day = date(2026, 3, 12)
    assert (state(case, cured, day).dpd, state(case, late, day).dpd) == (0, 40)
    assert state(case, cured, day).max_dpd == 9
    assert state(case, cured, day).outstanding + state(case, late, day).outstanding == 5000


def test_a_refund_takes_back_what_was_paid_on_its_line() -> None:
    """A refund with a line opens it again; one without changes the balance only."""
    case = Case()
    loan = case.loan()
    first, second = case.plan(loan, JAN, FEB)
    for line in (first, second):
        case.pay(loan, "1000", ON_TIME, line)
    for line, amount in ((first, "100"), (None, "50")):
        case.add(
            "loan_adjustment", loan_id=loan, line_id=line, component="principal", kind="refund", amount=Decimal(amount),
            effective_date=date(2026, 2, 1),
        )  # fmt: skip
    found = state(case, loan, MAR)
    assert (found.outstanding, found.arrears, found.overdue_since) == (1150, 100, JAN)


def test_another_loan_in_default_takes_the_obligor_along() -> None:
    """A sibling 91 days late and material makes a loan non-performing; probation follows once the sibling has paid."""
    case = Case()
    sound, late = case.loan(), case.loan()
    case.plan(sound, date(2026, 12, 1))
    [line] = case.plan(late, JAN)
    assert [risk(case, loan, date(2026, 5, 2)).reason for loan in (sound, late)] == ["obligor", "dpd"]
    case.pay(late, "1000", at(2026, 6, 1, 4), line)
    found = risk(case, late, date(2026, 6, 2))
    assert (found.reason, found.class_, found.stage, found.state.npl_last_day) == ("probation", "substandard", 3, date(2026, 5, 31))
    assert risk(case, sound, date(2026, 6, 2)).reason is None


def test_a_rate_is_direct_inverse_or_across_and_never_made_up() -> None:
    """Missing rates give nothing; old ones are not used; the other way round is 1 / rate."""
    case = Case()
    case.add("analytics_setting", key="rate_pivot", value="USD", valid_from=date(2020, 1, 1))
    case.add("analytics_setting", key="rate_maximum_age_days", value=Decimal(7), valid_from=date(2020, 1, 1))
    for source, target, rate in (("SGD", "USD", "0.75"), ("AED", "USD", "0.25")):
        case.add("fx_rate", as_of_date=JAN, from_ccy=source, to_ccy=target, rate=Decimal(rate), source="bank")
    book = case.book()
    wanted = {("SGD", "SGD"): ("identity", 1), ("SGD", "USD"): ("direct", Decimal("0.75")), ("USD", "AED"): ("inverse", 4)}
    wanted |= {("SGD", "AED"): ("cross", 3)}
    for (source, target), (method, rate) in wanted.items():
        found = fx_rate(book, source, target, date(2026, 2, 7))
        assert found is not None
        assert (found.method, found.rate) == (method, rate)
    assert fx_rate(book, "SGD", "USD", date(2026, 2, 8)) is None
    assert fx_rate(book, "SGD", "EUR", JAN) is None


def test_a_cancelled_plan_never_counts() -> None:
    """An offer that was not accepted owes nothing, whatever its dates."""
    case = Case()
    loan = case.loan()
    case.plan(loan, MAR)
    case.plan(loan, JAN, version=2, status="cancelled")
    assert state(case, loan, FEB).arrears == 0
    book = case.book()
    assert len(instalments_of(book, book.loans[loan], state(case, loan, FEB).instalments[0].line.plan_id, FEB)) == 1
