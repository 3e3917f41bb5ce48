"""Amortisation schedules: golden cases computed by hand, and what holds for every schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rently_db.lending import DateError, Instalment, InvalidAmountError, Repayment, Terms, make_schedule
from rently_db.synth import schedule as synth

START = date(2026, 1, 31)
TERMS = st.builds(
    Terms,
    principal=st.decimals("0.01", "9999999.99", places=2),
    months=st.integers(1, 120),
    start=st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    interest_rate=st.decimals(0, "9.9999", places=4),
    fee=st.decimals(0, "99999.99", places=2),
    fee_up_front=st.booleans(),
    repayment=st.sampled_from(Repayment),
)


def amounts(lines: tuple[Instalment, ...]) -> list[tuple[str, str]]:
    """Principal and interest of each instalment, as people read them."""
    return [(str(line.principal), str(line.interest)) for line in lines]


def terms(principal: str, months: int, rate: str = "0", **more: Any) -> Terms:
    """Terms from 31 January 2026."""
    return Terms(principal=Decimal(principal), months=months, start=START, interest_rate=Decimal(rate), **more)


def test_equal_principal_by_hand():
    """1,000 over three months at 6 % a year: the last takes the cent that is left, interest is half a percent of the balance."""
    # 1000.00 * 0.005 = 5.00; 666.67 * 0.005 = 3.33335; 333.34 * 0.005 = 1.6667
    assert amounts(make_schedule(terms("1000.00", 3, "0.06"))) == [("333.33", "5.00"), ("333.33", "3.33"), ("333.34", "1.67")]


def test_annuity_by_hand():
    """1,000 over four months at 12 % a year: payments of 256.28, the last of 256.29, which pays the loan to the cent."""
    # 1000 * 0.01 * 1.04060401 / 0.04060401 = 256.2811. Balances: 1000.00, 753.72, 504.98, 253.75; 753.72 * 0.01 = 7.5372, and so on.
    assert amounts(make_schedule(terms("1000.00", 4, "0.12", repayment=Repayment.ANNUITY))) == [
        ("246.28", "10.00"),
        ("248.74", "7.54"),
        ("251.23", "5.05"),
        ("253.75", "2.54"),
    ]


def test_an_annuity_without_interest_is_equal_principal():
    """The products without interest have the same schedule whatever the contract calls it."""
    annuity = make_schedule(terms("100.00", 3, repayment=Repayment.ANNUITY))
    assert annuity == make_schedule(terms("100.00", 3))
    assert amounts(annuity) == [("33.33", "0.00"), ("33.33", "0.00"), ("33.34", "0.00")]


def test_interest_only_by_hand():
    """1,000 at 5 % a year: 4.17 a month, and the principal with the third."""
    lines = make_schedule(terms("1000.00", 3, "0.05", repayment=Repayment.INTEREST_ONLY))
    assert amounts(lines) == [("0.00", "4.17"), ("0.00", "4.17"), ("1000.00", "4.17")]


def test_a_bullet_by_hand():
    """1,000 at 5 % over six months: one instalment of 1,025.00 and the fee on 31 July."""
    (line,) = make_schedule(terms("1000.00", 6, "0.05", repayment=Repayment.BULLET, fee=Decimal("30.00")))
    assert (line.due_date, line.principal, line.interest, line.rc_fee) == (date(2026, 7, 31), 1000, 25, 30)
    assert line.total == Decimal("1055.00")


def test_half_a_cent_of_interest_is_rounded_up():
    """0.5 cents become one: 1.00 at 6 % a year earns half a cent a month."""
    assert amounts(make_schedule(terms("1.00", 1, "0.06"))) == [("1.00", "0.01")]


def test_yen_have_no_decimals():
    """100,000 yen over seven months at 5 %: whole yen, and the last instalment takes the five that are left."""
    # 100000 / 7 = 14285.71; 100000 * 0.05 / 12 = 416.67; 85715 * 0.05 / 12 = 357.15; the last: 14290 * 0.05 / 12 = 59.54
    lines = make_schedule(terms("100000", 7, "0.05", decimals=0, fee=Decimal(1000)))
    assert amounts(lines)[:2] == [("14285", "417"), ("14285", "357")]
    assert amounts(lines)[-1] == ("14290", "60")
    assert [int(line.rc_fee) for line in lines] == [142] * 6 + [148]
    annuity = make_schedule(terms("100000", 7, "0.05", decimals=0, repayment=Repayment.ANNUITY))
    assert len({line.total for line in annuity[:-1]}) == 1
    assert all(line.total == int(line.total) for line in annuity)
    assert sum(line.principal for line in annuity) == 100000


def test_what_begins_on_a_leap_day_ends_on_the_last_of_february():
    """29 February 2028, and twelve months: every 29th, and 28 February 2029."""
    days = [line.due_date for line in make_schedule(replace(terms("1200.00", 12), start=date(2028, 2, 29)))]
    assert {day.day for day in days[:-1]} == {29}
    assert days[-1] == date(2029, 2, 28)


def test_instalments_fall_due_on_the_day_of_the_start_or_the_last_of_the_month():
    """What begins on the 31st falls due on 28 February, and on the 31st again in March."""
    assert [line.due_date for line in make_schedule(terms("300.00", 3))] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_fee_is_spread_or_billed_up_front():
    """A fee of 100.00 over three months: 33.33, 33.33, 33.34, or all of it with the first."""
    spread = terms("300.00", 3, fee=Decimal("100.00"))
    assert [str(line.rc_fee) for line in make_schedule(spread)] == ["33.33", "33.33", "33.34"]
    assert [str(line.rc_fee) for line in make_schedule(replace(spread, fee_up_front=True))] == ["100.00", "0.00", "0.00"]


@given(TERMS)
def test_every_schedule_sums_to_its_terms(given: Terms):
    """Principals sum to the principal and fees to the fee, to the cent; nothing is negative, and days rise with the numbers."""
    lines = make_schedule(given)
    assert sum(line.principal for line in lines) == given.principal
    assert sum(line.rc_fee for line in lines) == given.fee
    assert min(min(line.principal, line.interest, line.rc_fee) for line in lines) >= 0
    assert all(amount == round(amount, 2) for line in lines for amount in (line.principal, line.interest, line.rc_fee))
    assert [line.seq_no for line in lines] == [*range(1, len(lines) + 1)]
    assert all(earlier.due_date < later.due_date for earlier, later in pairwise(lines))
    assert len(lines) == (1 if given.repayment is Repayment.BULLET else given.months)


@given(st.decimals("1000.00", "999999.99", places=2), st.integers(2, 60), st.decimals("0.0001", "0.6000", places=4))
def test_payments_of_an_annuity_are_equal_but_for_the_last(principal: Decimal, months: int, rate: Decimal):
    """A borrower pays the same every month; the last payment differs by what rounding left."""
    lines = make_schedule(
        Terms(principal=principal, months=months, start=START, interest_rate=rate, repayment=Repayment.ANNUITY),
    )
    *others, last = [line.total for line in lines]
    assert len(set(others)) == 1
    # Each of the rounded payments and interests is off by at most half a cent, which bears interest until the end.
    assert abs(last - others[0]) <= Decimal("0.01") * months * (1 + rate / 12) ** months


@given(TERMS.filter(lambda given: given.repayment is Repayment.EQUAL_PRINCIPAL))
def test_equal_principal_is_what_the_synthetic_book_has(given: Terms):
    """Loans of the application have the schedules that the book has been tested with, computed there in whole cents."""
    cents = synth.Terms(
        int(given.principal * 100),
        given.months,
        given.start.toordinal(),
        int(given.fee * 100),
        given.fee_up_front,
        int(given.interest_rate * 10_000),
    )
    assert [
        (line.due_date.toordinal(), [int(100 * part) for part in (line.penalty, line.rc_fee, line.interest, line.principal)])
        for line in make_schedule(given)
    ] == [(line.due, line.amounts) for line in synth.build_lines(cents, [""] * given.months)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"principal": Decimal(0)}, "the principal is 0; pass an amount above 0"),
        ({"principal": Decimal("0.001")}, "the principal is 0.001; pass an amount with at most two decimals"),
        ({"principal": Decimal("NaN")}, "the principal is NaN"),
        ({"principal": Decimal("1e13")}, "below ten trillion"),
        ({"principal": 1200.0}, "the principal is 1200.0; pass a decimal.Decimal made from a string"),
        ({"fee": Decimal(-1)}, "the fee is -1; pass an amount of 0 or more"),
        ({"months": 0}, "a loan of 0 months has no instalment"),
        ({"months": 12.0}, "the number of months is 12.0; pass an int"),
        ({"months": 120_000}, "from 2026-01-31 ends after the year 9999"),
        ({"decimals": 3}, "can't be rounded to 3 decimals; pass 0 to 2"),
        ({"principal": Decimal("-1e40")}, "below ten trillion"),
        ({"interest_rate": Decimal("8.55555")}, "the interest rate is 8.55555; pass a fraction of at most four decimals, 0.0850 for 8.5 %"),
        ({"interest_rate": Decimal(10)}, "the interest rate is 10; pass a fraction"),
        ({"interest_rate": Decimal("NaN")}, "the interest rate is NaN; pass a fraction"),
        ({"interest_rate": 0.08}, "the interest rate is 0.08; pass a decimal.Decimal made from a string"),
    ],
)
def test_terms_that_no_contract_has_are_refused(wrong: dict[str, Any], words: str):
    """What the database would refuse, or nobody could schedule, is refused with what to pass instead."""
    with pytest.raises(InvalidAmountError) as refused:
        replace(terms("1200.00", 12), **wrong)
    assert words in str(refused.value)


@pytest.mark.parametrize("wrong", ["2026-01-31", None])
def test_a_loan_begins_on_a_date(wrong: Any):
    """A text or nothing is refused in a sentence."""
    with pytest.raises(DateError, match=r"the first day is .*; pass a datetime\.date"):
        replace(terms("1200.00", 12), start=wrong)
