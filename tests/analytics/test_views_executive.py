"""The executive summary: one row a company in its own currency, and how the figures moved over two years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import AE, DAY, SG, HandBook
from tests.analytics.stories import double_events, golden, late_loan, leave, story_book
from tests.analytics.view_contracts import assert_contract, assert_unique, read, relations, rows_of

CONTRACTS = {
    "v_executive_summary_dashboard": "legal_entity_name country_code functional_ccy active_loans active_portfolio_value"
    " loans_originated_mtd amount_originated_mtd collections_mtd expected_collections_30d current_default_loans current_default_amount"
    " written_off_loans written_off_amount default_rate_count_pct default_rate_amount_pct cumulative_loss_rate_pct"
    " collection_efficiency_mtd_pct growth_trend",
    "v_executive_trend": "",
}
SUMMARY = "v_executive_summary_dashboard"
LATER = DAY + timedelta(days=100)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with story_book(head_url, "executive", "portfolio", "cash_flow") as opened:
        yield opened


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("executive"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


def test_a_new_company_has_a_row_of_zeros(book: HandBook) -> None:
    """Nothing was lent: counts and amounts are 0, shares of nothing are NULL, and there is no trend."""
    book.refresh()
    [row] = book.view(SUMMARY, legal_entity_id=SG)
    assert (row["active_loans"], row["active_portfolio_value"], row["expected_collections_30d"], row["growth_trend"]) == (0, 0, 0, "Stable")
    assert (row["default_rate_count_pct"], row["collection_efficiency_mtd_pct"], row["cnl"]) == (None, None, None)
    assert book.view("v_executive_trend") == []


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events and documents change no figure of the summary."""
    before = {view: rows_of(analytics_copy, view) for view in CONTRACTS}
    double_events(analytics_copy)
    for view in CONTRACTS:
        assert sorted(map(str, rows_of(analytics_copy, view))) == sorted(map(str, before[view]))


def test_the_companies_hold_the_whole_book(analytics_book: URL) -> None:
    """Every loan on the book, every default and every write-off is counted at one company."""
    rows = rows_of(analytics_book, SUMMARY)
    [whole] = read(
        analytics_book,
        "SELECT count(*) FILTER (WHERE s.status = 'active') AS active, count(*) FILTER (WHERE s.status = 'written_off') AS gone,"
        " count(*) FILTER (WHERE k.is_default) AS bad FROM analytics.loan_state AS s"
        " JOIN analytics.loan_risk AS k ON k.loan_id = s.loan_id",
    )
    assert sum(row["active_loans"] for row in rows) == whole["active"]
    assert sum(row["written_off_loans"] for row in rows) == whole["gone"]
    assert sum(row["current_default_loans"] for row in rows) == whole["bad"]


def test_an_old_note_is_no_default(book: HandBook) -> None:
    """The golden case: what the two loans owe is the portfolio, the late one alone is at risk, neither is in default."""
    golden(book)
    book.close_books()
    row = book.one(SUMMARY, legal_entity_id=SG)
    assert (row["active_loans"], row["glp"], row["par30"], row["current_default_loans"], row["npl"]) == (2, 2100, Decimal("52.38"), 0, 0)


def test_losses_are_shown_gross_and_net_of_what_came_back(book: HandBook) -> None:
    """600 of 4000 lent was written off, 60 recovered: 15 % gross, 13.5 % net; collections of the month hold the recovery as well."""
    gone = late_loan(book, 200, "1000.00")
    book.pay(gone, date(2026, 2, 1), "400.00")
    leave(book, gone, "written_off", date(2026, 5, 10))
    book.pay(gone, date(2026, 6, 3), "60.00")
    book.loan([(LATER, "3000.00")])
    book.close_books()
    row = book.one(SUMMARY, legal_entity_id=SG)
    assert (row["written_off_loans"], row["written_off_amount"]) == (1, 600)
    assert (row["cumulative_loss_rate_pct"], row["cnl"], row["collections_mtd"]) == (15, Decimal("13.50"), 60)


def test_the_month_is_collected_as_far_as_what_fell_due_in_it_is_settled(book: HandBook) -> None:
    """Arrears that came in are collections of the month, but not of what fell due in it."""
    loan = book.loan([(date(2026, 5, 10), "100.00"), (date(2026, 6, 10), "100.00"), (DAY + timedelta(days=1), "100.00")])
    book.pay(loan, date(2026, 6, 5), "100.00", line=1)
    book.pay(loan, date(2026, 6, 12), "60.00", line=2)
    book.close_books()
    row = book.one(SUMMARY, legal_entity_id=SG)
    assert (row["collections_mtd"], row["collection_efficiency_mtd_pct"], row["ce_mtd"]) == (160, 60, 60)


def test_thirty_days_ahead_begin_tomorrow(book: HandBook) -> None:
    """Due today is not expected any more and the 31st day not yet; what was paid ahead is taken off; a superseded plan promises nothing."""
    loan = book.loan([(DAY + timedelta(days=days), "100.00") for days in (0, 1, 30, 31)])
    book.pay(loan, date(2026, 6, 1), "30.00", line=2)
    replanned = book.loan([(DAY + timedelta(days=5), "500.00")])
    book.plan(replanned, [(DAY + timedelta(days=60), "500.00")], start=date(2026, 6, 15), version=2)
    gone = book.loan([(DAY + timedelta(days=5), "700.00")])
    leave(book, gone, "written_off", date(2026, 6, 10))
    book.close_books()
    assert book.one(SUMMARY, legal_entity_id=SG)["expected_collections_30d"] == 170


@pytest.mark.parametrize(
    ("new", "trend"), [("51.00", "High Growth"), ("50.00", "Moderate Growth"), ("21.00", "Moderate Growth"), ("20.00", "Stable")]
)
def test_growth_has_exact_thresholds(book: HandBook, new: str, trend: str) -> None:
    """More than 5 % of the portfolio originated this month is high growth, more than 2 % moderate; exactly so much is not."""
    book.loan([(LATER, str(1000 - Decimal(new)))])
    book.loan([(LATER, new)], start=date(2026, 6, 1))
    book.close_books()
    row = book.one(SUMMARY, legal_entity_id=SG)
    assert (row["glp"], row["loans_originated_mtd"], row["amount_originated_mtd"], row["growth_trend"]) == (1000, 1, Decimal(new), trend)


def test_a_missing_rate_is_unknown_and_never_one(book: HandBook) -> None:
    """With the rate a loan in another currency is converted; without it its amounts are NULL, its count is not, other companies stay."""
    book.loan([(LATER, "100.00")])
    book.loan([(LATER, "200.00")], currency="USD")
    book.loan([(LATER, "300.00")], entity=AE, currency="AED")
    book.close_books()
    row = book.one(SUMMARY, legal_entity_id=SG)
    assert (row["active_loans"], row["active_portfolio_value"], row["growth_trend"], row["par30"]) == (2, None, None, None)
    assert row["written_off_amount"] == 0  # nothing of it is in dollars
    assert book.one(SUMMARY, legal_entity_id=AE)["active_portfolio_value"] == 300
    book.add("fx_rate", as_of_date=DAY - timedelta(days=1), from_ccy="USD", to_ccy="SGD", rate="1.35", source="central_bank")
    book.refresh()
    assert book.one(SUMMARY, legal_entity_id=SG)["active_portfolio_value"] == 370


def test_a_trend_compares_months_and_years(book: HandBook) -> None:
    """Amounts change in percent, shares in percentage points; what happened in a month without a predecessor is unknown."""
    loan = book.loan([(date(2026, 4, 20), "400.00"), (LATER, "600.00")], start=date(2025, 4, 5))
    book.pay(loan, date(2026, 5, 25), "250.00")
    book.loan([(LATER, "250.00")], start=date(2026, 5, 5))
    book.close_books()
    book.publish(date(2025, 5, 31), date(2026, 4, 30), date(2026, 5, 31))
    book.refresh()
    rows = {(row["month"], row["kpi"]): row for row in book.view("v_executive_trend", legal_entity_id=SG)}
    may, april, year = date(2026, 5, 1), date(2026, 4, 1), date(2025, 5, 1)
    glp = rows[may, "glp"]
    assert (glp["unit"], glp["value"], glp["mom"], glp["yoy"]) == ("amount", 1000, 0, 0)
    count = rows[may, "active_loans"]
    assert (count["value"], count["mom"], count["yoy"]) == (2, 100, 100)
    risk = rows[may, "par30"]
    assert (risk["value"], risk["mom"], risk["yoy"]) == (75, 75, 75)
    assert (rows[may, "loans_originated"]["value"], rows[may, "amount_originated"]["value"]) == (1, 250)
    assert (rows[may, "collections"]["value"], rows[april, "collections"]["value"]) == (250, None)
    assert rows[year, "glp"]["mom"] is None
    assert (rows[april, "ce"]["value"], rows[may, "npl"]["value"], rows[may, "cnl"]["value"]) == (0, 0, 0)


def test_the_trend_ends_where_the_snapshots_do(analytics_book: URL) -> None:
    """At most 24 months; the last one is the last published month-end, loan by loan."""
    rows = rows_of(analytics_book, "v_executive_trend")
    months = sorted({row["month"] for row in rows})
    [last] = read(analytics_book, "SELECT max(day) AS day FROM analytics.published_day WHERE is_month_end")
    assert len(months) <= 24
    assert months[-1] == last["day"].replace(day=1)
    counted = {row["legal_entity_id"]: row["value"] for row in rows if row["month"] == months[-1] and row["kpi"] == "active_loans"}
    loans = read(
        analytics_book,
        f"SELECT legal_entity_id, count(*) AS n FROM analytics.loan_daily_snapshot WHERE snapshot_date = '{last['day']}'"
        " AND status = 'active' GROUP BY 1",
    )
    assert {entity: n for entity, n in counted.items() if n} == {row["legal_entity_id"]: row["n"] for row in loans}
