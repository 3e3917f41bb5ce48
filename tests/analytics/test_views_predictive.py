"""Predictive: features as of a day, labels that only later months tell, drift, expected loss."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import DAY, HandBook, hand_book
from tests.analytics.view_contracts import assert_contract, assert_unique, read, relations, rows_of

FEATURES = (
    "loan_id principal_amount interest_rate rc_fee_rate loan_duration_days loan_age_days product_category business_unit borrower_type"
    " customer_relationship_days total_payments_made on_time_payments on_time_payment_rate_pct avg_days_late max_dpd_reached"
    " total_amount_paid repayment_progress_pct collections_events_count reminder_count call_attempts legal_actions_count origination_month"
    " origination_day_of_week currency_code country_code is_currently_default is_written_off is_bad_loan current_risk_score"
)
CONTRACTS = {
    "v_ml_features_default_prediction": FEATURES,
    "mv_ml_features_cache": FEATURES,
    "v_ml_training_set": "",
    "v_feature_population_stability": "",
    "v_expected_loss": "",
}
LATER = date(2026, 12, 1)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with hand_book(head_url, [*relations("predictive"), "mv_ml_features_cache"]) as opened:
        yield opened


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("predictive"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", relations("predictive"))
def test_a_new_company_has_nothing_to_predict(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_every_loan_has_its_features_and_those_on_the_book_their_loss(analytics_book: URL) -> None:
    """Features count every loan once; expected loss every loan on the book, with its whole exposure."""
    [book] = read(analytics_book, "SELECT count(*) AS loans, count(*) FILTER (WHERE is_on_book) AS on_book FROM analytics.loan_position")
    assert len(rows_of(analytics_book, "v_ml_features_default_prediction")) == book["loans"]
    rows = rows_of(analytics_book, "v_expected_loss")
    assert len(rows) == book["on_book"]
    [exposure] = read(analytics_book, "SELECT sum(ead) AS ead FROM analytics.loan_provision WHERE period = 'infinity'")
    assert sum(row["ead"] for row in rows) == exposure["ead"]
    assert all(0 <= row["el"] <= row["ead"] for row in rows)
    assert all(row["pd"] == 1 for row in rows if row["stage"] == 3)


def test_the_score_follows_conduct_not_notes(book: HandBook) -> None:
    """The golden case: a note of 95 days on a loan paid two days late counts for nothing; 40 days late without any note count."""
    cured = book.loan([(date(2026, 3, 1), "500.00"), (LATER, "500.00")])
    book.pay(cured, date(2026, 3, 3), "500.00", line=1)
    book.add("collections_event", loan_id=cured, event_type="reminder_sent", event_at="2026-03-02", dpd_snapshot=95)
    late = book.loan([(DAY - timedelta(days=40), "500.00")], borrower=book.party())
    bad = book.loan([(DAY - timedelta(days=91), "500.00")], borrower=book.party())
    sued = book.loan([(LATER, "500.00")], borrower=book.party())
    book.add("collections_event", loan_id=sued, event_type="court_filing", event_at="2026-06-02")
    new = book.loan([(LATER, "500.00")], borrower=book.party())
    book.add("collections_event", loan_id=new, event_type="court_filing", event_at="2026-06-30 16:30")
    book.close_books()
    rows = {row["loan_id"]: row for row in book.view("v_ml_features_default_prediction")}
    assert {loan: row["current_risk_score"] for loan, row in rows.items()} == {
        cured: "Low", late: "Medium", bad: "High", sued: "High", new: "Minimal",
    }  # fmt: skip
    row = rows[cured]
    assert (row["max_dpd_reached"], row["current_dpd"], row["avg_days_late"], row["on_time_payment_rate_pct"]) == (1, 0, 2, 0)
    assert (row["total_payments_made"], row["total_amount_paid"], row["repayment_progress_pct"]) == (1, 500, 50)
    assert (row["collections_events_count"], row["reminder_count"], row["legal_actions_count"]) == (1, 1, 0)
    assert (row["loan_age_days"], row["origination_month"], row["origination_day_of_week"]) == (180, date(2026, 1, 1), 4)
    assert (rows[bad]["is_currently_default"], rows[bad]["is_bad_loan"], rows[bad]["is_written_off"]) == (1, 1, 0)
    assert {row["loan_id"]: row for row in book.view("mv_ml_features_cache")} == rows


def test_a_feature_knows_nothing_of_what_came_later(book: HandBook) -> None:
    """The row of January stays as it is when payments, calls, a second loan and further month-ends come after it."""
    january = date(2026, 1, 31)
    loan = book.loan([(date(2025, 12, 1), "500.00"), (LATER, "500.00")], start=date(2025, 11, 1))
    book.add("collections_event", loan_id=loan, event_type="call_attempt", event_at="2026-01-31 15:30")
    book.add("collections_event", loan_id=loan, event_type="call_attempt", event_at="2026-01-31 16:30")
    book.close_books()
    book.publish(january)
    [before] = book.view("v_ml_training_set", month_end=january)
    assert (before["current_dpd"], before["call_attempts"], before["total_amount_paid"]) == (61, 1, 0)
    book.pay(loan, date(2026, 2, 1), "900.00")
    book.add("collections_event", loan_id=loan, event_type="court_filing", event_at="2026-02-03")
    book.loan([(LATER, "500.00")], start=date(2026, 2, 2))
    book.add("loan_flag", loan_id=loan, flag="forborne", effective_from=date(2026, 2, 1))
    book.close_books()
    book.publish(date(2026, 2, 28), date(2026, 3, 31))
    assert book.view("v_ml_training_set", month_end=january) == [before]


def test_the_label_is_what_the_next_twelve_months_told(book: HandBook) -> None:
    """Bad is who went over 90 days or was written off by the same month a year later; before that month nobody has a label."""
    start, t, horizon = date(2025, 1, 1), date(2025, 5, 31), date(2026, 5, 31)
    good = book.loan([(LATER, "500.00")], start=start)
    bad = book.loan([(date(2026, 3, 1), "500.00"), (LATER, "1.00")], start=start, borrower=book.party())
    late = book.loan([(date(2026, 3, 2), "500.00"), (LATER, "1.00")], start=start, borrower=book.party())
    gone = book.loan([(LATER, "500.00")], start=start, borrower=book.party())
    book.add("loan_status_history", loan_id=gone, status_type="operational_status", status_value="written_off", effective_from="2026-01-10")
    book.rows("UPDATE public.loan SET status = 'written_off' WHERE id = %s", gone)
    book.loan([(date(2025, 2, 1), "500.00")], start=start, borrower=book.party())  # beyond the threshold already: no candidate
    book.close_books()
    book.publish(t, date(2025, 6, 30))
    assert {row["label"] for row in book.view("v_ml_training_set", month_end=t)} == {None}
    book.publish(horizon)
    rows = {row["loan_id"]: row for row in book.view("v_ml_training_set", month_end=t)}
    assert {loan: row["label"] for loan, row in rows.items()} == {good: 0, bad: 1, late: 0, gone: 1}
    assert {(row["label_observed"], row["label_horizon"]) for row in rows.values()} == {(True, horizon)}
    assert {row["label_observed"] for row in book.view("v_ml_training_set", month_end=date(2025, 6, 30))} == {False}


def test_what_does_not_move_has_no_drift(book: HandBook) -> None:
    """The reference month is like itself; where all loans leave their range the index is large, and it says so."""
    for number in range(10):
        loan = book.loan([(date(2026, 3, 10), "10.00"), (LATER, "90.00")], borrower=book.party(f"Firm {number}"))
        book.pay(loan, date(2026, 3, 9), "10.00", line=1)
    book.close_books()
    book.publish(date(2026, 2, 28), date(2026, 3, 31))
    book.refresh()
    rows = {(row["feature"], row["month_end"]): row for row in book.view("v_feature_population_stability")}
    assert {row["psi"] for (_, month), row in rows.items() if month == date(2026, 2, 28)} == {0}
    assert {row["reference_month_end"] for row in rows.values()} == {date(2026, 2, 28)}
    moved = rows["outstanding_principal", date(2026, 3, 31)]
    # All ten loans fell from one bin into the other: twice (1 - 0.0001) * ln(1 / 0.0001).
    assert (moved["psi"], moved["stability"], moved["bins"], moved["loans"]) == (Decimal("18.4188"), "shifted", 2, 10)
    assert rows["interest_rate", date(2026, 3, 31)]["psi"] == 0


def test_short_history_is_replaced_by_settings_and_says_so(book: HandBook) -> None:
    """With too few observations a setting stands in, marked; with enough our own defaults count; in default the probability is 1."""
    start = date(2025, 1, 1)
    defaulted = book.loan([(date(2025, 7, 1), "500.00")], start=start)
    for number in range(3):
        book.loan([(LATER, "100.00")], start=start, borrower=book.party(f"Firm {number}"))
    book.pay(defaulted, date(2026, 1, 10), "200.00")
    book.close_books()
    book.publish(*(date(2025, 5, 31), date(2025, 10, 31), date(2026, 5, 31)))
    book.refresh()
    bad = book.one("v_expected_loss", loan_id=defaulted)
    assert (bad["pd"], bad["pd_source"], bad["lgd"], bad["lgd_source"]) == (1, "default", Decimal("0.45"), "setting")
    assert (bad["ead"], bad["el"], bad["needs_signoff"]) == (300, 135, True)
    assert {(row["pd"], row["pd_source"], row["el"]) for row in book.view("v_expected_loss", stage=1)} == {
        (Decimal("0.01"), "setting", Decimal("0.45"))
    }
    book.rows("UPDATE public.analytics_setting SET value = '4' WHERE key = 'pd_minimum_observations'")
    found: dict[str, Any] = book.one("mv_default_rate_by_bucket", dpd_bucket="Current")
    assert (found["observations"], found["defaulted"], found["pd"]) == (4, 1, Decimal("0.25"))
    assert {(row["pd"], row["pd_source"], row["el"]) for row in book.view("v_expected_loss", stage=1)} == {
        (Decimal("0.25"), "own_snapshots", Decimal("11.25"))
    }


def test_loss_given_default_is_what_was_not_recovered_within_the_workout(book: HandBook) -> None:
    """Of 500 owed at the month-end of default 200 were paid in the twelve months after it: 60 % are lost."""
    loan = book.loan([(date(2025, 1, 10), "500.00")], start=date(2025, 1, 1))
    book.pay(loan, date(2026, 1, 10), "200.00")
    book.pay(loan, date(2026, 6, 10), "100.00")
    book.close_books()
    book.publish(date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 31))
    book.refresh()
    assert book.view("mv_loss_given_default") == []
    book.publish(date(2026, 4, 30))
    book.refresh()
    row = book.one("mv_loss_given_default")
    assert (row["defaults"], row["exposure"], row["recovered"], row["lgd"]) == (1, 500, 200, Decimal("0.6"))
    book.rows("UPDATE public.analytics_setting SET value = '1' WHERE key = 'lgd_minimum_defaults'")
    row = book.one("v_expected_loss", loan_id=loan)
    assert (row["lgd"], row["lgd_source"], row["el"], row["needs_signoff"]) == (Decimal("0.6"), "own_snapshots", 120, False)
