"""What stands on published month-ends, cell by cell against the oracle, which looks at the book as of each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.test_oracle_views import columns_of, key_of
from tests.oracle.book import Book
from tests.oracle.compare import assert_agree, fetch, keyed
from tests.oracle.facts import BUSINESS_DATE
from tests.oracle.figures.month_ends import Months, loan_daily_snapshot, month_end_risk, v_provisioning_schedule
from tests.oracle.figures.registry import MONTHLY, NOT_COMPARED
from tests.support.migrations import connect, rows


@pytest.fixture(scope="module")
def months(analytics_book: URL, book: Book) -> Months:
    """The month-ends that the migration published, and the oracle's look at each."""
    published = rows(analytics_book, "SELECT day FROM analytics.published_day WHERE is_month_end ORDER BY day")
    return Months(book, BUSINESS_DATE, [day for (day,) in published])


def found_in(url: URL, query: str, values: Any = None) -> list[dict[str, Any]]:
    """Rows of a query."""
    connection = connect(url)
    try:
        return fetch(connection, query, values)
    finally:
        connection.close()


def test_the_migration_publishes_24_month_ends(months: Months) -> None:
    """Trends do not begin on the day of the migration."""
    assert len(months.published) == 24
    assert max(months.published) < BUSINESS_DATE


@pytest.mark.parametrize("back", range(1, 25))
def test_a_published_month_end_is_what_the_oracle_says_as_of_that_day(analytics_book: URL, months: Months, back: int) -> None:
    """A snapshot computed today for a day of the past says what was true on that day."""
    look = months.look(months.published[-back])
    query = "SELECT * FROM analytics.loan_daily_snapshot WHERE snapshot_date = %s"
    database = keyed(found_in(analytics_book, query, (look.day,)), ["loan_id"])
    assert_agree("loan_daily_snapshot", database, keyed(loan_daily_snapshot(look), ["loan_id"]))


@pytest.mark.parametrize("back", range(1, 25))
def test_class_and_provision_are_published_as_of_that_day(analytics_book: URL, months: Months, back: int) -> None:
    """What a month-end says of class, stage and provision is what the rules, rates and collateral of that day made it."""
    look = months.look(months.published[-back])
    database = keyed(found_in(analytics_book, "SELECT * FROM analytics.month_end_risk WHERE day = %s", (look.day,)), ["loan_id"])
    oracle = keyed(month_end_risk(look), ["loan_id"])
    assert_agree("month_end_risk", database, oracle)
    assert columns_of(database) == columns_of(oracle)


@pytest.mark.parametrize("back", range(1, 25))
def test_provisions_move_from_one_month_end_to_the_next(analytics_book: URL, months: Months, back: int) -> None:
    """The schedule of each month-end, as the worker leaves the loans on that day, agrees with the oracle, movement included."""
    then = replace(months, day=months.published[-back])
    connection = connect(analytics_book)
    # Rolled back at the end: other tests read this book as of its own day.
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('rently.business_date', %s, TRUE)", (str(then.day),))
            cursor.execute("SELECT analytics.keep_loan_state(array_agg(l.id)) FROM public.loan AS l")
        database = keyed(fetch(connection, "SELECT * FROM analytics.v_provisioning_schedule"), key_of("v_provisioning_schedule"))
    finally:
        connection.close()
    assert_agree("v_provisioning_schedule", database, keyed(v_provisioning_schedule(then), key_of("v_provisioning_schedule")))


@pytest.mark.parametrize("view", MONTHLY)
def test_the_view_over_month_ends_says_what_the_oracle_says(analytics_book: URL, months: Months, view: str) -> None:
    """How the book moved from month-end to month-end agrees with two looks of the oracle."""
    database = keyed(found_in(analytics_book, f"SELECT * FROM analytics.{view}"), key_of(view))
    oracle = keyed(MONTHLY[view](months), key_of(view))
    assert_agree(view, database, oracle)
    assert columns_of(database) - columns_of(oracle) == NOT_COMPARED.get(view, set())
