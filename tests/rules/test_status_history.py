"""A loan's status history: it records itself, never overlaps, and takes several changes in one transaction."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import URL

from tests.rules.book import ID, Book
from tests.rules.sessions import session, waiting

LOAN = ID["loan_aed"]


def history(book: Book, loan: str = LOAN, status_type: str = "operational_status") -> list[tuple[Any, ...]]:
    """A loan's statuses of one type in order: value, first and last moment."""
    return book.rows(
        "SELECT status_value, effective_from, effective_through FROM loan_status_history"
        " WHERE loan_id = %s AND status_type = %s ORDER BY effective_from",
        loan,
        status_type,
    )


def consecutive(periods: list[tuple[Any, ...]]) -> bool:
    """Each period ends where the next begins, none is empty, and the last one is open."""
    return all(older[2] == newer[1] and older[1] < newer[1] for older, newer in pairwise(periods)) and periods[-1][2] is None


def values(periods: list[tuple[Any, ...]]) -> list[str]:
    """The statuses alone."""
    return [period[0] for period in periods]


@pytest.mark.parametrize("written", ["active", "ACTIVE ", None])
def test_a_new_loan_is_recorded(book: Book, written: str | None) -> None:
    """A loan's first status is in its history from the moment it is written, as the bridge spelled it."""
    loan = book.v0_row("loan", status=written)
    ((value, since, until),) = history(book, loan)
    assert (value, until) == ("active", None)
    assert book.value("SELECT %s BETWEEN now() AND clock_timestamp()", since)


def test_each_change_is_recorded(book: Book) -> None:
    """A change of loan.status closes the open status and opens the next; a write that changes nothing records nothing."""
    book.change("loan", LOAN, status="closed")
    book.change("loan", LOAN, status="CLOSED")
    book.change("loan", LOAN, property_contract_id="P-1")
    assert values(history(book)) == ["active", "closed"]
    assert consecutive(history(book))


def test_two_changes_in_one_transaction(book: Book) -> None:
    """now() stands still in a transaction; two changes in it are three consecutive periods all the same."""
    loan = book.variant("loan")
    book.change("loan", loan, status="written_off")
    book.change("loan", loan, status="active")
    assert values(history(book, loan)) == ["active", "written_off", "active"]
    assert consecutive(history(book, loan))


def test_two_changes_in_one_statement_each(book: Book) -> None:
    """One statement that changes many loans records each of them."""
    loans = [book.variant("loan") for _ in range(3)]
    assert book.execute("UPDATE loan SET status = 'transferred' WHERE id = ANY (%s::uuid[])", loans) == 3
    assert all(values(history(book, loan)) == ["active", "transferred"] and consecutive(history(book, loan)) for loan in loans)


@pytest.mark.parametrize("status_type", ["operational_status", "risk_level"])
def test_a_transaction_that_began_earlier_comes_after(own_book_url: URL, status_type: str) -> None:
    """T1 begins, T2 changes and commits, T1 changes: T1's period follows T2's, though its transaction is older."""

    def write(book: Book, value: str) -> None:
        if status_type == "operational_status":
            book.change("loan", LOAN, status={"risk": "closed", "normal": "active"}[value])
        else:
            book.execute(
                "INSERT INTO loan_status_history (loan_id, status_type, status_value) VALUES (%s, %s, %s)", LOAN, status_type, value
            )

    with session(own_book_url) as first, session(own_book_url) as second:
        first.value("SELECT now()")
        write(second, "risk")
        second.connection.commit()
        written = second.value("SELECT clock_timestamp()")
        write(first, "normal")
        first.connection.commit()
        periods = history(first, status_type=status_type)
    assert values(periods)[-2:] == (["closed", "active"] if status_type == "operational_status" else ["risk", "normal"])
    assert consecutive(periods)
    assert periods[-1][1] > written, "it begins when it was written, not when its transaction began"


def test_two_sessions_take_turns(own_book_url: URL) -> None:
    """Two open transactions that write a status of one loan: the second waits for the first, and follows it."""
    insert = "INSERT INTO loan_status_history (loan_id, status_type, status_value) VALUES (%s, 'risk_level', %s)"
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        second.value("SELECT now()")
        first.execute(insert, LOAN, "risk")
        with waiting(second, lambda: second.execute(insert, LOAN, "default_level_1"), observer) as done:
            first.connection.commit()
        assert done.result() is None
        second.connection.commit()
        periods = history(observer, status_type="risk_level")
    assert values(periods) == ["risk", "default_level_1"]
    assert consecutive(periods)


def test_an_application_writes_a_status_itself(book: Book) -> None:
    """A status that an application writes closes the open one of its type, and of its type only."""
    for value in ("risk", "default_level_1"):
        book.variant("loan_status_history", loan_id=LOAN, status_type="risk_level", status_value=value, effective_through=None)
    assert values(history(book, status_type="risk_level")) == ["risk", "default_level_1"]
    assert consecutive(history(book, status_type="risk_level"))
    assert consecutive(history(book))


def test_a_status_may_begin_later(book: Book) -> None:
    """A given moment after the open status began is taken as it is: the open status ends there."""
    book.variant(
        "loan_status_history",
        loan_id=LOAN,
        status_type="operational_status",
        status_value="closed",
        effective_from="2040-01-01Z",
        effective_through=None,
    )
    assert consecutive(history(book))
    assert book.value("SELECT %s = '2040-01-01Z'::timestamptz", history(book)[-1][1])


@pytest.mark.parametrize(
    ("status_type", "value"),
    [("risk_level", "overdue"), ("operational_status", "draft"), ("legal_action", "normal"), ("collections_stage", "")],
)
def test_an_unknown_status_is_refused(book: Book, status_type: str, value: str) -> None:
    """A status is a value of its own type: the table of status values says which."""
    with book.refused("loan_status_history_status_type_status_value_fkey", "23503"):
        book.variant("loan_status_history", loan_id=LOAN, status_type=status_type, status_value=value)


def test_a_historic_period_may_be_added(book: Book) -> None:
    """A closed period from the past is let in beside the others, and leaves the open status alone, unless it overlaps one."""
    period = {"loan_id": LOAN, "status_type": "operational_status", "status_value": "active"}
    book.variant("loan_status_history", **period, effective_from="2024-01-01Z", effective_through="2024-02-01Z")
    book.variant("loan_status_history", **period, effective_from="2024-02-01Z", effective_through="2024-03-01Z")
    assert history(book)[-1][2] is None
    with book.refused("loan_status_history_no_overlap"):
        book.variant("loan_status_history", **period, effective_from="2024-02-28Z", effective_through="2024-04-01Z")
    with book.refused("loan_status_history_no_overlap"):
        book.variant("loan_status_history", **period, effective_from="2024-02-28Z", effective_through="2060-01-01Z")


def test_a_loan_without_history_gets_its_past_at_the_first_change(book: Book) -> None:
    """A loan that the backfill has not reached yet: what it was until now is recorded since its start, then the change."""
    book.execute("DELETE FROM loan_status_history WHERE loan_id = %s", LOAN)
    book.change("loan", LOAN, status="closed")
    assert values(history(book)) == ["active", "closed"]
    assert consecutive(history(book))
    assert book.value("SELECT %s = '2024-01-01Z'::timestamptz", history(book)[0][1])
