"""Bridges that look at other rows: one active plan, one default instrument, drafts that v0 deletes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import URL

from tests.rules.book import ID, Book
from tests.rules.sessions import session, waiting

PLAN, INSTRUMENT = ID["amortisation_plan"], ID["payment_instrument"]


def plan(book: Book, row: str) -> tuple[Any, ...]:
    """A plan's status and last day."""
    return book.rows("SELECT status, effective_through FROM amortisation_plan WHERE id = %s", row)[0]


def state(book: Book, row: str) -> list[tuple[Any, ...]]:
    """The states of what the journal holds of a row, oldest first, and whether each is closed."""
    return book.rows("SELECT state, closed_at IS NOT NULL FROM ops.row_journal WHERE row_id = %s ORDER BY id", row)


def defaults(book: Book, currency: str = "SGD") -> list[str]:
    """The borrower's default instruments in a currency."""
    rows = book.rows(
        "SELECT id::text FROM payment_instrument WHERE party_id = %s AND currency_code = %s AND is_default AND is_active ORDER BY 1",
        ID["party"],
        currency,
    )
    return [row for (row,) in rows]


@pytest.mark.parametrize("status", ["active", " ACTIVE", None])
def test_a_new_plan_supersedes_the_old_one(book: Book, status: str | None) -> None:
    """v0 inserts the new active plan before it retires the old one: the bridge retires the old one at once, with its last day."""
    new = book.v0_row("amortisation_plan", status=status, effective_from="2024-06-01")
    assert plan(book, new) == ("active", None)
    assert plan(book, PLAN) == ("superseded", dt.date(2024, 6, 1))
    assert book.journal(PLAN) == [
        (
            "amortisation_plan_superseded",
            "amortisation_plan",
            None,
            {"status": "active", "effective_through": None},
            {"status": "superseded", "effective_through": "2024-06-01"},
        )
    ]
    assert plan(book, ID["plan_aed"]) == ("active", None), "another loan's plan is none of its business"


def test_a_plan_that_starts_no_later_leaves_the_last_day_open(book: Book) -> None:
    """A new plan from the same day on gives the old one no last day: it never held for a day, and dates stay in order."""
    book.v0_row("amortisation_plan", status="active", effective_from="2024-01-01")
    assert plan(book, PLAN) == ("superseded", None)


def test_an_update_to_active_supersedes_too(book: Book) -> None:
    """A plan that an UPDATE makes active takes over as an inserted one does."""
    draft = book.v0_row("amortisation_plan", status="cancelled", effective_from="2024-06-01")
    assert plan(book, PLAN)[0] == "active"
    assert book.change("amortisation_plan", draft, status="active") == 1
    assert (plan(book, draft)[0], plan(book, PLAN)[0]) == ("active", "superseded")


def test_v0_retires_the_old_plan_itself_afterwards(book: Book) -> None:
    """v0's own later UPDATE still finds its row, and then there is nothing left to give back on the way down."""
    book.v0_row("amortisation_plan", status="active", effective_from="2024-06-01")
    assert state(book, PLAN) == [("open", False)]
    assert book.change("amortisation_plan", status="superseded", effective_through="2024-05-31") == 1
    assert plan(book, PLAN) == ("superseded", dt.date(2024, 5, 31))
    assert state(book, PLAN) == [("reported", True)]


def test_a_plan_that_is_not_active_supersedes_nothing(book: Book) -> None:
    """Writing a plan that is not active leaves the active one alone."""
    book.v0_row("amortisation_plan", status="superseded")
    book.change("amortisation_plan", reason="Read again")
    assert plan(book, PLAN) == ("active", None)
    assert book.journal() == []


def test_a_new_default_takes_over(book: Book) -> None:
    """v0 sets the new default before it clears the old one: the bridge clears the old one at once, per party and currency."""
    new = book.v0_row("payment_instrument", is_default=True)
    assert defaults(book) == [new]
    assert defaults(book, "AED") == [ID["instrument_aed"]]
    assert book.journal(INSTRUMENT) == [
        ("payment_instrument_default_taken_over", "payment_instrument", None, {"is_default": True}, {"is_default": False})
    ]
    assert book.change("payment_instrument", is_default=False) == 1
    assert state(book, INSTRUMENT) == [("reported", True)]


@pytest.mark.parametrize(
    "change",
    [{"is_default": True}, {"is_default": True, "currency_code": "sgd"}, {"is_default": True, "is_active": True}],
    ids=["default", "currency", "active"],
)
def test_an_update_takes_over_too(book: Book, change: dict[str, Any]) -> None:
    """An instrument that an UPDATE makes the default takes over as an inserted one does."""
    start = {"currency_code": "USD"} if "currency_code" in change else {}
    other = book.variant("payment_instrument", is_active="is_active" not in change, **start)
    book.change("payment_instrument", other, **change)
    assert defaults(book) == [other]


@pytest.mark.parametrize("values", [{"is_default": False}, {"is_default": True, "is_active": False}], ids=["not default", "not active"])
def test_what_is_no_default_takes_nothing_over(book: Book, values: dict[str, Any]) -> None:
    """An instrument that is not the default, or not in use, leaves the default alone."""
    book.variant("payment_instrument", **values)
    assert defaults(book) == [INSTRUMENT]
    assert book.journal() == []


def test_a_draft_loan_can_be_deleted(book: Book) -> None:
    """v0 deletes a loan that has no money yet: the status that was recorded for it automatically goes along."""
    draft = book.v0_row("loan")
    book.change("loan", draft, status="closed")
    assert book.value("SELECT count(*) FROM loan_status_history WHERE loan_id = %s", draft) == 2
    assert book.execute("DELETE FROM loan WHERE id = %s", draft) == 1
    assert book.value("SELECT count(*) FROM loan_status_history WHERE loan_id = %s", draft) == 0


@pytest.mark.parametrize(
    ("table", "values", "constraint"),
    [
        ("disbursement", {}, "disbursement_loan_id_fkey"),
        ("payment_allocation", {"plan_id": None, "line_id": None}, "payment_allocation_loan_id_fkey"),
        ("collections_event", {}, "collections_event_loan_id_fkey"),
        ("loan_status_history", {}, "loan_status_history_loan_id_fkey"),
        (
            "loan_status_history",
            {"status_type": "operational_status", "status_value": "active", "reason": None},
            "loan_status_history_loan_id_fkey",
        ),
        (
            "loan_status_history",
            {"status_type": "operational_status", "status_value": "active", "created_by": None},
            "loan_status_history_loan_id_fkey",
        ),
    ],
    ids=["disbursement", "allocation", "event", "stage", "status by a person", "status with a reason"],
)
def test_a_loan_with_money_or_a_written_history_stays(book: Book, table: str, values: dict[str, Any], constraint: str) -> None:
    """A loan with money, evidence or a status that somebody wrote by hand can't be deleted, and keeps its history."""
    draft = book.v0_row("loan")
    book.variant(table, loan_id=draft, **values)
    with book.refused(constraint):
        book.execute("DELETE FROM loan WHERE id = %s", draft)
    assert book.value("SELECT count(*) > 0 FROM loan_status_history WHERE loan_id = %s AND status_type = 'operational_status'", draft)


@pytest.mark.parametrize(
    ("table", "values"),
    [("amortisation_plan", {"status": "active", "effective_from": "2024-06-01"}), ("payment_instrument", {"is_default": True})],
)
def test_two_sessions_take_over_one_after_the_other(own_book_url: URL, table: str, values: dict[str, Any]) -> None:
    """Two sessions that each write a new active plan (or default) take turns: the second supersedes the first's, neither is refused."""
    with session(own_book_url) as first, session(own_book_url) as second, session(own_book_url) as observer:
        first.v0_row(table, **values)
        with waiting(second, lambda: second.v0_row(table, **values), observer) as done:
            first.connection.commit()
        assert done.result() is None
        second.connection.commit()
        assert observer.value("SELECT count(*) FROM ops.row_journal WHERE table_name = %s AND state = 'open'", table) == 2
