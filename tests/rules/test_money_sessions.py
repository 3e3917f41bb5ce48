"""Money adds up with two sessions at once: in a race, in opposite orders, and under every isolation level."""

from __future__ import annotations

import pytest
from psycopg2 import extensions
from sqlalchemy import URL

from tests.rules.book import ID
from tests.rules.sessions import outcome, race, session, waiting
from tests.rules.test_money import AGREES, WITHIN, allocate_rows, allocated

REPEATABLE_READ, SERIALIZABLE = extensions.ISOLATION_LEVEL_REPEATABLE_READ, extensions.ISOLATION_LEVEL_SERIALIZABLE
DEADLOCK = "40P01"


def test_two_sessions_never_allocate_more_than_there_is(own_book_url: URL) -> None:
    """Of two sessions that allocate 80 of 100 at the same time, one succeeds and one is refused, however they meet."""
    for payment in ("payment_two", "payment_aed"):
        due = {} if payment == "payment_two" else {"loan_id": ID["loan_aed"], "plan_id": None, "line_id": None}
        outcomes = race(own_book_url, *[lambda book: book.allocate("80", payment, **due)] * 2)  # noqa: B023
        assert outcomes.count(None) == 1, outcomes
        assert set(outcomes) - {None} == {WITHIN}
        with session(own_book_url) as book:
            assert allocated(book, payment) == "80"


def test_the_second_session_waits_and_then_knows(own_book_url: URL) -> None:
    """The second allocation waits until the first commits, then sees it: no timing lets both through."""
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        first.allocate("80")
        with waiting(second, lambda: second.allocate("80"), observer) as done:
            first.connection.commit()
        assert done.result() == WITHIN


def test_the_second_session_may_take_what_a_rollback_leaves(own_book_url: URL) -> None:
    """The second allocation waits, and passes if the first is rolled back."""
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        first.allocate("80")
        with waiting(second, lambda: second.allocate("80"), observer) as done:
            first.connection.rollback()
        assert done.result() is None


def test_opposite_orders_in_one_statement(own_book_url: URL) -> None:
    """Two sessions that allocate of the same payments in opposite orders, in one statement each, never deadlock."""
    orders = [("payment", "payment_two"), ("payment_two", "payment")]
    for _ in range(5):
        outcomes = race(
            own_book_url, *(lambda book, order=order: allocate_rows(book, *((payment, "8") for payment in order)) for order in orders)
        )
        assert outcomes == [None, None]
    with session(own_book_url) as book:
        assert (allocated(book, "payment"), allocated(book)) == ("90", "80")


def test_opposite_orders_row_by_row(own_book_url: URL) -> None:
    """Statement by statement in opposite orders a deadlock may end one session, but what is allocated stays right."""
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        first.allocate("80", "payment")
        second.allocate("80", "payment_two")
        with waiting(first, lambda: first.allocate("80", "payment_two"), observer) as done:
            ended = outcome(lambda: second.allocate("80", "payment"))
            second.connection.rollback()
        assert {ended, done.result()} == {DEADLOCK, None}
        if done.result() is None:
            first.connection.commit()
        assert {allocated(observer, "payment"), allocated(observer)} <= {"90", "80", "10", "0"}


def test_a_payment_does_not_shrink_under_an_allocation(own_book_url: URL) -> None:
    """A payment that shrinks while another session allocates waits for it, and is then refused."""
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        first.allocate("80")
        with waiting(second, lambda: second.change("payment", ID["payment_two"], amount="50"), observer) as done:
            first.connection.commit()
        assert done.result() == WITHIN


@pytest.mark.parametrize(
    ("change", "constraint"), [({"amount": "50"}, WITHIN), ({"currency_code": "AED"}, AGREES)], ids=["amount", "currency"]
)
def test_an_allocation_sees_a_payment_that_changes_meanwhile(own_book_url: URL, change: dict[str, str], constraint: str) -> None:
    """An allocation while another session shrinks the payment, or changes its currency, waits and is judged by the new payment."""
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        first.change("payment", ID["payment_two"], **change)
        with waiting(second, lambda: second.allocate("80"), observer) as done:
            first.connection.commit()
        assert done.result() == constraint


def test_a_reversal_frees_for_another_session(own_book_url: URL) -> None:
    """What one session reverses, another may allocate once that is committed, not before."""
    with session(own_book_url) as first, session(own_book_url) as second:
        row = first.allocate("100")
        first.connection.commit()
        first.change("payment_allocation", row, reversed_at="2024-05-01Z")
        with second.refused(WITHIN):
            second.allocate("1")
        first.connection.commit()
        second.allocate("100")


@pytest.mark.parametrize("isolation", [REPEATABLE_READ, SERIALIZABLE], ids=["repeatable read", "serializable"])
def test_other_isolation_levels_are_refused(own_book_url: URL, isolation: int) -> None:
    """With a snapshot from before, a sum misses what others allocated meanwhile: refused, with what to use instead."""
    with session(own_book_url, isolation) as book:
        with book.refused(WITHIN, "0A000") as caught:
            book.allocate("1")
        assert "READ COMMITTED" in caught.value.diag.message_hint
        with book.refused(WITHIN, "0A000"):
            book.change("payment", ID["payment_two"], amount="50")
        assert book.change("payment", ID["payment_two"], status="failed") == 1


@pytest.mark.parametrize(("table", "constraint"), [("loan", "loan_currency_agrees"), ("payment", AGREES)])
def test_a_currency_does_not_change_under_money_being_written(own_book_url: URL, table: str, constraint: str) -> None:
    """A loan or payment that changes its currency while another session writes money in it waits, and is then refused."""
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        row = first.variant("loan") if table == "loan" else ID["payment_two"]
        first.connection.commit()
        if table == "loan":
            first.variant("disbursement", loan_id=row)
        else:
            first.allocate("80")
        with waiting(second, lambda: second.change(table, row, currency_code="AED"), observer) as done:
            first.connection.commit()
        assert done.result() == constraint
