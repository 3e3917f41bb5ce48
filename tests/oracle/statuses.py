"""Which status the contract of a loan had at the end of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.oracle.book import Book, local_date
from tests.oracle.cash import is_effective, value_date
from tests.oracle.rows import Loan, LoanStatusHistory


@dataclass(frozen=True)
class Standing:
    """A status and the day from which it counts."""

    status: str
    since: date


def _last_money(book: Book, loan: Loan) -> date | None:
    """The last value date of money of a loan."""
    zone, allocations = book.zone(loan), book.of("payment_allocation", "loan_id", loan.id)
    dates = [value_date(book.payments[row.payment_id], zone) for row in allocations if is_effective(book, row, date.max)]
    return max((on for on in dates if on), default=None)


def _evidence(book: Book, loan: Loan, status: str) -> date | None:
    """What tells when a loan from before v1 got the status that it had when v1 came."""
    if status == "written_off":
        events = [row for row in book.of("collections_event", "loan_id", loan.id) if row.event_type == "write_off"]
        return min((local_date(row.event_at, book.zone(loan)) for row in events), default=None)
    if status == "transferred":
        return min((row.start_date for row in book.of("loan", "parent_loan_id", loan.id)), default=None)
    return _last_money(book, loan) if status == "closed" else None


def _since(book: Book, loan: Loan, row: LoanStatusHistory) -> date:
    """The day from which a row of the history counts."""
    if row.status_value == "transferred":
        recorded: list[date] = [t.transfer_date for t in book.of("loan_transfers", "source_loan_id", loan.id) if t.status == "completed"]
        if recorded:
            return min(recorded)
    known = _evidence(book, loan, row.status_value) if row.created_at is None else None
    return known or local_date(row.effective_from, book.zone(loan))


def standing_of(book: Book, loan: Loan, day: date) -> Standing:
    """The status at the end of a day. The first row of the history is the earliest state; before its exit a loan is active."""
    history = [row for row in book.of("loan_status_history", "loan_id", loan.id) if row.status_type == "operational_status"]
    history.sort(key=lambda row: row.effective_from)
    begun = [row for row in history if _since(book, loan, row) <= day]
    if begun:
        return Standing(begun[-1].status_value, _since(book, loan, begun[-1]))
    if not history:
        return Standing(loan.status, loan.start_date)
    first = history[0]
    if first.status_value == "active" or first.created_at is None or first.status_value == "transferred":
        return Standing("active", loan.start_date)
    return Standing(first.status_value, loan.start_date)
