"""The waterfall: a golden case computed by hand, and what holds for every amount and every debt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from rently_db.lending import ORDER, Due, Share, still_due, waterfall
from rently_db.models import AllocationComponent as Component

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))
DAY = date(2026, 3, 1)
CENTS = st.decimals(0, "5000.00", places=2)


def due(line: UUID, component: str, amount: str) -> Due:
    """A due of the first, second or third instalment, a month apart."""
    return Due(line, DAY + timedelta(days=30 * line.int), line.int, Component(component), Decimal(amount))


@st.composite
def debts(draw: st.DrawFn) -> list[Due]:
    """Up to four instalments of every component, some of which fall due on one day, in any order."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        day = DAY + timedelta(days=draw(st.integers(0, 3)))
        found += [Due(UUID(int=number), day, number, component, draw(CENTS)) for component in ORDER]
    return draw(st.permutations(found))


def sums(shares: Iterable[Share]) -> Counter[tuple[UUID | None, Component]]:
    """Money by instalment and component, as `still_due` takes it."""
    total: Counter[tuple[UUID | None, Component]] = Counter()
    for share in shares:
        total[share.due.line_id, share.due.component] += share.amount  # type: ignore[assignment]
    return total


def total(dues: Iterable[Due]) -> Decimal:
    """What is owed altogether."""
    return sum((due.amount for due in dues), Decimal(0))


def test_the_waterfall_by_hand():
    """150.00 on 12 penalty, 10 fee, 8 interest and 100 principal of March, then April's fee, interest and a part of its principal."""
    owed = [
        due(SECOND, "principal", "100.00"),
        due(FIRST, "principal", "100.00"),
        due(FIRST, "interest", "8.00"),
        due(SECOND, "interest", "7.00"),
        due(FIRST, "rc_fee", "10.00"),
        due(FIRST, "penalty", "12.00"),
        due(FIRST, "other", "1.50"),
        due(SECOND, "rc_fee", "10.00"),
        due(THIRD, "principal", "100.00"),
    ]
    split = waterfall(Decimal("150.00"), owed)
    assert [(share.due.line_id.int, share.due.component.value, str(share.amount)) for share in split.shares] == [
        (1, "penalty", "12.00"),
        (1, "rc_fee", "10.00"),
        (1, "interest", "8.00"),
        (1, "principal", "100.00"),
        (1, "other", "1.50"),
        (2, "rc_fee", "10.00"),
        (2, "interest", "7.00"),
        (2, "principal", "1.50"),
    ]
    assert split.unallocated == 0
    assert waterfall(Decimal("400.00"), owed).unallocated == Decimal("51.50")


def test_money_that_names_no_instalment_settles_the_oldest():
    """120.00 of principal without an instalment pay the first, and 20.00 of the second, whatever else these owe."""
    owed = [due(FIRST, "principal", "100.00"), due(FIRST, "rc_fee", "5.00"), due(SECOND, "principal", "100.00")]
    assert still_due(owed, {(None, Component.PRINCIPAL): Decimal("120.00")}) == [
        due(FIRST, "rc_fee", "5.00"),
        due(SECOND, "principal", "80.00"),
    ]


def test_too_much_on_one_instalment_settles_no_other():
    """A clerk who puts 150.00 on an instalment of 100.00 does not pay the next one."""
    owed = [due(FIRST, "principal", "100.00"), due(SECOND, "principal", "100.00")]
    assert still_due(owed, {(FIRST, Component.PRINCIPAL): Decimal("150.00")}) == [due(SECOND, "principal", "100.00")]


@given(CENTS, debts())
def test_an_allocation_never_exceeds_the_payment_nor_what_is_due(amount: Decimal, owed: list[Due]):
    """Shares and rest are the amount, to the cent; no share is more than its due; something is left only if nothing is owed."""
    split = waterfall(amount, owed)
    assert sum(share.amount for share in split.shares) + split.unallocated == amount
    assert all(0 < share.amount <= share.due.amount for share in split.shares)
    assert split.unallocated == max(amount - total(owed), 0)


@given(CENTS, debts())
def test_nothing_is_paid_before_what_comes_first(amount: Decimal, owed: list[Due]):
    """Whatever gets a share, all that is older, or of its instalment and earlier in the order, is paid whole."""
    shares = waterfall(amount, owed).shares
    assert [share.due.rank for share in shares] == sorted(share.due.rank for share in shares)
    paid = sums(shares)
    for share in shares:
        before = [due for due in owed if due.rank < share.due.rank]
        assert all(paid[due.line_id, due.component] == due.amount for due in before)


@given(CENTS, CENTS, debts())
def test_two_payments_settle_what_one_of_both_does(first: Decimal, second: Decimal, owed: list[Due]):
    """Paying in two parts leaves the same dues, and the same rest, as paying at once."""
    one, together = waterfall(first, owed), waterfall(first + second, owed)
    two = waterfall(second, still_due(owed, sums(one.shares)))
    assert one.unallocated + two.unallocated == together.unallocated
    assert still_due(owed, sums([*one.shares, *two.shares])) == still_due(owed, sums(together.shares))


@given(CENTS, CENTS, debts())
def test_a_reversal_restores_all_dues(kept: Decimal, reversed_: Decimal, owed: list[Due]):
    """Without the shares of a payment that was taken back, what is due is what it was before that payment."""
    before = still_due(owed, sums(waterfall(kept, owed).shares))
    taken_back = waterfall(reversed_, before).shares
    counted = sums([*waterfall(kept, owed).shares, *taken_back])
    assert total(still_due(owed, counted)) == total(before) - sum(share.amount for share in taken_back)
    counted.subtract(sums(taken_back))
    assert still_due(owed, counted) == before


@given(debts(), st.sampled_from(ORDER), CENTS)
def test_the_pool_of_a_component_is_a_waterfall_of_its_own(owed: list[Due], component: Component, amount: Decimal):
    """Money without an instalment settles what it would if every instalment owed nothing but its component."""
    of_it = [due for due in owed if due.component is component]
    expected = still_due(owed, sums(waterfall(amount, of_it).shares))
    assert still_due(owed, {(None, component): amount}) == expected
