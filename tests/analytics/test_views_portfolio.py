"""The portfolio: its size and mix, what each loan owes, what is in default, how the book moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import BORROWER, HandBook
from tests.analytics.stories import double_events, golden, late_loan, leave, set_status, story_book
from tests.analytics.view_contracts import assert_contract, assert_unique, read, relations, rows_of

CONTRACTS = {
    "current_loan_status": "loan_id status_type status_value effective_from reason",
    "loan_portfolio_summary": "legal_entity_id category business_unit currency_code status loan_count total_principal avg_interest_rate"
    " earliest_start latest_end",
    "v_loan_portfolio_overview": "legal_entity_name country_code product_category business_unit currency_code loan_status loan_count"
    " total_principal avg_loan_amount avg_interest_rate avg_rc_fee_rate earliest_start_date latest_end_date active_loans closed_loans"
    " written_off_loans active_principal written_off_principal",
    "v_current_loan_status_summary": "loan_id loan_number currency_code principal_amount loan_status product_category business_unit"
    " current_risk_level risk_level_since current_collections_stage collections_stage_since current_legal_action legal_action_since"
    " borrower_name borrower_email",
    "v_default_rate_analysis": "product_category business_unit currency_code total_loans total_principal default_loans default_principal"
    " default_rate_count_pct default_rate_amount_pct written_off_loans written_off_principal write_off_rate_count_pct"
    " write_off_rate_amount_pct",
    "v_loan_balance": "",
    "v_portfolio_rollforward": "",
}


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with story_book(head_url, "portfolio") as opened:
        yield opened


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("portfolio"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", relations("portfolio"))
def test_a_new_company_has_no_portfolio(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    companies = rows_of(head_url, "entity_day") if view == "default_signoff" else []
    assert len(rows_of(head_url, view)) == len(companies)


@pytest.mark.parametrize(
    ("view", "count", "originated"),
    [
        ("v_loan_portfolio_overview", "loan_count", "total_principal"),
        ("loan_portfolio_summary", "loan_count", "total_principal"),
        ("v_default_rate_analysis", "total_loans", "total_principal"),
    ],
)
def test_the_groups_hold_the_whole_book(analytics_book: URL, view: str, count: str, originated: str) -> None:
    """Every loan is in one group: counts, what was lent and what is outstanding add up to the whole book."""
    [whole] = read(
        analytics_book,
        "SELECT count(*) AS n, sum(l.principal_amount) AS lent FROM public.loan AS l",
    )
    [owed] = read(analytics_book, "SELECT sum(outstanding_principal) AS a FROM analytics.loan_state WHERE status = 'active'")
    rows = rows_of(analytics_book, view)
    assert (sum(row[count] for row in rows), sum(row[originated] for row in rows)) == (whole["n"], whole["lent"])
    on_book = [row for row in rows if row.get("loan_status", row.get("status", "active")) == "active"]
    assert sum(row["outstanding_principal"] for row in on_book) == owed["a"]


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events and documents change no figure of the portfolio."""
    before = {view: rows_of(analytics_copy, view) for view in CONTRACTS}
    double_events(analytics_copy)
    for view in CONTRACTS:
        assert sorted(map(str, rows_of(analytics_copy, view))) == sorted(map(str, before[view]))


def test_an_old_note_makes_no_loan_late_and_a_missing_one_none_current(book: HandBook) -> None:
    """The golden case: the cured loan stands at 0 days, the one that nobody called at 40; neither is counted twice or in default."""
    cured, late = golden(book)
    book.close_books()
    days = {row["loan_id"]: (row["dpd"], row["dpd_bucket"], row["arrears"]) for row in book.view("v_current_loan_status_summary")}
    assert days == {cured: (0, "Current", 0), late: (40, "31-60 DPD", 100)}
    overview, summary = book.one("v_loan_portfolio_overview"), book.one("loan_portfolio_summary")
    assert (overview["loan_count"], overview["total_principal"], overview["outstanding_principal"]) == (2, 2200, 2100)
    assert (overview["active_principal"], overview["avg_loan_amount"]) == (2100, 1100)
    assert (summary["loan_count"], summary["total_principal"], summary["outstanding_principal"]) == (2, 2200, 2100)
    default = book.one("v_default_rate_analysis")
    assert (default["total_loans"], default["default_loans"], default["default_rate_amount_pct"]) == (2, 0, 0)
    balances = {row["loan_id"]: row["principal_outstanding"] for row in book.view("v_loan_balance")}
    assert balances == {cured: 1000, late: 1100}


def test_default_begins_after_the_threshold_and_pulls_along_the_obligor(book: HandBook) -> None:
    """Ninety days past due are no default, ninety-one are; another loan of that borrower is in default with it."""
    late_loan(book, 90, "300.00")
    book.close_books()
    assert book.one("v_default_rate_analysis")["default_loans"] == 0
    bad = late_loan(book, 91, "100.00")
    [(owner,)] = book.rows("SELECT borrower_party_id FROM public.loan WHERE id = %s", bad)
    book.loan([(date(2026, 12, 1), "200.00")], borrower=str(owner))
    book.close_books()
    row = book.one("v_default_rate_analysis")
    assert (row["default_loans"], row["default_principal"], row["on_book_loans"], row["outstanding_principal"]) == (2, 300, 3, 600)
    assert (row["default_rate_count_pct"], row["default_rate_amount_pct"]) == (Decimal("66.67"), 50)


def test_written_off_loans_are_a_share_of_what_was_lent(book: HandBook) -> None:
    """What was paid before the write-off is no loss; the loan leaves the book, and neither rate counts it twice."""
    gone = late_loan(book, 200, "1000.00")
    book.pay(gone, date(2026, 2, 1), "400.00")
    leave(book, gone, "written_off", date(2026, 5, 10))
    book.loan([(date(2026, 12, 1), "3000.00")])
    book.close_books()
    row = book.one("v_default_rate_analysis")
    assert (row["written_off_loans"], row["written_off_principal"], row["default_loans"]) == (1, 600, 0)
    assert (row["write_off_rate_count_pct"], row["write_off_rate_amount_pct"]) == (50, 15)
    overview = {row["loan_status"]: row for row in book.view("v_loan_portfolio_overview")}
    assert (overview["written_off"]["written_off_principal"], overview["written_off"]["outstanding_principal"]) == (600, 0)
    assert (overview["active"]["active_loans"], overview["written_off"]["active_loans"]) == (1, 0)


def test_rates_of_a_portfolio_are_weighted_by_what_is_owed(book: HandBook) -> None:
    """A ratio of sums: 10 % on 100 and 20 % on 900 is 19 %, while the plain mean of the loans stays 15 %."""
    book.loan([(date(2026, 12, 1), "100.00")])
    other = book.loan([(date(2026, 12, 1), "900.00")])
    book.rows("UPDATE public.loan SET interest_rate = 0.2, rc_fee_rate = 0.05 WHERE id = %s", other)
    book.close_books()
    row = book.one("v_loan_portfolio_overview")
    assert (row["wavg_interest_rate"], row["avg_interest_rate"]) == (Decimal("0.19"), Decimal("0.15"))
    assert book.one("loan_portfolio_summary")["avg_interest_rate"] == Decimal("0.15")


def test_a_balance_is_right_before_the_worker_has_seen_the_payment(book: HandBook) -> None:
    """Every component is exact when read: paid, waived, given back; what is too much is an overpayment, not a negative debt."""
    loan = book.loan([(date(2026, 3, 1), "600.00"), (date(2026, 12, 1), "400.00")])
    book.close_books()
    book.pay(loan, date(2026, 6, 1), "250.00")
    for kind, amount in (("waiver", "30.00"), ("write_off", "20.00"), ("refund", "5.00")):
        book.add(
            "loan_adjustment", loan_id=loan, component="principal", kind=kind, amount=amount, effective_date="2026-06-02", reason="case"
        )
    row = book.one("v_loan_balance")
    assert (row["disbursed"], row["principal_paid"], row["principal_waived"], row["principal_written_off"]) == (1000, 250, 30, 20)
    assert (row["refunded"], row["principal_outstanding"], row["total_outstanding"], row["overpaid_principal"]) == (5, 705, 705, 0)
    book.pay(loan, date(2026, 6, 3), "800.00")
    row = book.one("v_loan_balance")
    assert (row["principal_outstanding"], row["overpaid_principal"]) == (0, 95)


def test_the_open_status_of_each_type_is_the_current_one(book: HandBook) -> None:
    """A status that was closed is history; where none is open the defaults are normal, current and none."""
    loan = book.loan([(date(2026, 12, 1), "100.00")])
    other = book.loan([(date(2026, 12, 1), "100.00")])
    set_status(book, loan, "risk_level", "risk")
    book.rows("UPDATE public.loan_status_history SET effective_through = '2026-06-10' WHERE status_type = 'risk_level'")
    book.add("loan_status_history", loan_id=loan, status_type="risk_level", status_value="default_level_1", effective_from="2026-06-10")
    book.close_books()
    assert [row["status_value"] for row in book.view("current_loan_status", status_type="risk_level")] == ["default_level_1"]
    found = {row["loan_id"]: row for row in book.view("v_current_loan_status_summary")}
    assert found[loan]["current_risk_level"] == "default_level_1"
    plain = found[other]
    assert (plain["current_risk_level"], plain["current_collections_stage"], plain["current_legal_action"]) == ("normal", "current", "none")
    assert plain["risk_level_since"] is None


def test_the_rollforward_leaves_no_residual(analytics_book: URL) -> None:
    """Opening and what happened in the month make the closing, in every month, company, product and currency; and months join."""
    rows = rows_of(analytics_book, "v_portfolio_rollforward")
    assert {row["residual"] for row in rows} == {0}
    place = ("legal_entity_id", "product_id", "currency_code")
    closing = {(row["month"], *(row[name] for name in place)): row["closing"] for row in rows}
    for row in rows:
        month = row["month"]
        before = date(month.year - (month.month == 1), (month.month + 10) % 12 + 1, 1)
        key = (before, *(row[name] for name in place))
        if key in closing:
            assert row["opening"] == closing[key]
    last = max(row["month"] for row in rows)
    [snapshot] = read(
        analytics_book,
        "SELECT sum(s.outstanding_principal) AS a FROM analytics.loan_daily_snapshot AS s"
        " WHERE s.snapshot_date = (SELECT max(d.day) FROM analytics.published_day AS d WHERE d.is_month_end)",
    )
    assert sum(row["closing"] for row in rows if row["month"] == last) == snapshot["a"]


def test_every_kind_of_movement_has_its_column(book: HandBook) -> None:
    """Paid out, repaid, moved, written off: each in the month in which it happened; what is recovered later moves nothing."""
    old = book.loan([(date(2026, 12, 1), "1000.00")])
    gone = book.loan([(date(2026, 12, 1), "500.00")])
    moved = book.loan([(date(2026, 12, 1), "300.00")])
    book.pay(old, date(2026, 4, 20), "100.00")
    book.pay(old, date(2026, 5, 20), "150.00")
    book.loan([(date(2026, 12, 1), "700.00")], start=date(2026, 5, 5))
    leave(book, gone, "written_off", date(2026, 5, 10))
    book.pay(gone, date(2026, 5, 25), "80.00")
    leave(book, moved, "transferred", date(2026, 5, 15))
    book.close_books()
    book.publish(date(2026, 4, 30), date(2026, 5, 31))
    book.refresh()
    row = book.one("v_portfolio_rollforward")
    assert row["month"] == date(2026, 5, 1)
    assert (row["opening"], row["disbursed"], row["repaid"]) == (1700, 700, 150)
    assert (row["written_off"], row["transferred"], row["closing"], row["residual"]) == (500, 300, 1450, 0)


def test_a_month_without_its_predecessor_is_left_out(book: HandBook) -> None:
    """From which balance a month began nobody knows if the month-end before was never published."""
    book.loan([(date(2026, 12, 1), "1000.00")])
    book.close_books()
    book.publish(date(2026, 3, 31), date(2026, 5, 31))
    book.refresh()
    assert book.view("v_portfolio_rollforward") == []


def test_what_rests_on_placeholder_rules_says_so(book: HandBook) -> None:
    """The default rate carries the mark until every rule that decides on default is signed off."""
    book.loan([(date(2026, 12, 1), "1000.00")], borrower=BORROWER)
    book.close_books()
    assert book.one("v_default_rate_analysis")["needs_signoff"] is True
    book.rows("UPDATE public.classification_rule SET needs_signoff = false")
    assert book.one("v_default_rate_analysis")["needs_signoff"] is True
    book.rows("UPDATE public.analytics_setting SET needs_signoff = false")
    assert book.one("v_default_rate_analysis")["needs_signoff"] is False
