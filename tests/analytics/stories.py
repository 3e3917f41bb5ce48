"""Stories that several tests of views tell: the golden pair, a loan that ends, boundaries of days past due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import URL

from tests.analytics.hand_book import DAY, HandBook, hand_book
from tests.analytics.view_contracts import relations
from tests.support.migrations import rows, run_sql

AREAS = ("portfolio", "collections", "payment_health", "executive", "cash_flow")
"""Areas whose materialized views the views of these stories read."""

EDGES = (0, 1, 7, 8, 30, 31, 60, 61, 90, 91, 180, 181)
"""Days past due on both sides of every boundary of the standard buckets."""


@contextmanager
def story_book(url: URL, *areas: str) -> Iterator[HandBook]:
    """A book on a database at head that has no loan, on 30 June 2026, with what these areas materialize; rolled back at the end."""
    with hand_book(url, [name for area in areas for name in relations(area)]) as opened:
        yield opened


def double_events(url: URL) -> None:
    """Double what no figure of money may hang on: collections events, documents and their links; then close the books."""
    run_sql(
        url,
        "INSERT INTO public.collections_event (loan_id, event_type, event_at, actor_party_id, dpd_snapshot, amount_involved, currency_code)"
        " SELECT loan_id, event_type, event_at, actor_party_id, dpd_snapshot, amount_involved, currency_code FROM public.collections_event",
        "INSERT INTO public.document (title, kind, storage_url) SELECT title, kind, storage_url FROM public.document",
        "INSERT INTO public.document_link (document_id, entity_type, entity_id)"
        " SELECT d.id, 'loan', l.id FROM public.document AS d CROSS JOIN (SELECT id FROM public.loan ORDER BY id LIMIT 3) AS l"
        " ON CONFLICT DO NOTHING",
        "SELECT analytics.keep_loan_state(array_agg(l.id)) FROM public.loan AS l",
    )
    names = ", ".join(f"'{name}'" for area in AREAS for name in relations(area))
    order = f"SELECT o.view_name FROM analytics.refresh_order AS o WHERE o.view_name IN ({names}) ORDER BY o.level"
    run_sql(url, *(f"REFRESH MATERIALIZED VIEW analytics.{name}" for (name,) in rows(url, order)))


def golden(book: HandBook) -> tuple[str, str]:
    """Two loans of 1100: one cured after 50 days, noted at 95 days past due afterwards; one 40 days late that collections never touched."""
    cured = book.loan([(date(2026, 1, 10), "100.00"), (date(2026, 12, 10), "1000.00")])
    book.pay(cured, date(2026, 3, 1), "100.00", line=1)
    book.add("collections_event", loan_id=cured, event_type="call_attempt", event_at="2026-04-14", dpd_snapshot=95)
    late = book.loan([(DAY - timedelta(days=40), "100.00"), (date(2026, 12, 10), "1000.00")], borrower=book.party("Late"))
    return cured, late


def late_loan(book: HandBook, days: int, amount: str = "100.00", **row: Any) -> str:
    """A loan of its own borrower with one instalment that fell due so many days ago."""
    return book.loan([(DAY - timedelta(days=days), amount)], start=date(2025, 6, 1), borrower=book.party("Late"), **row)


def leave(book: HandBook, loan: str, status: str, day: date) -> None:
    """Let a loan's contract get a status on a day of the past."""
    book.rows("UPDATE public.loan SET status = %s WHERE id = %s", status, loan)
    book.rows(
        "UPDATE public.loan_status_history SET effective_through = %s"
        " WHERE loan_id = %s AND status_type = 'operational_status' AND effective_through IS NOT NULL",
        day,
        loan,
    )
    book.rows(
        "UPDATE public.loan_status_history SET effective_from = %s"
        " WHERE loan_id = %s AND status_type = 'operational_status' AND effective_through IS NULL",
        day,
        loan,
    )


def set_status(book: HandBook, loan: str, status_type: str, value: str) -> None:
    """Open a status that is kept by hand."""
    book.add("loan_status_history", loan_id=loan, status_type=status_type, status_value=value, effective_from="2026-06-01")
