"""Cash flow: what falls due, what came in against it, what waits to be paid out or to be allocated."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import BORROWER, DAY, PRODUCT, SG, HandBook, hand_book, matured
from tests.analytics.view_contracts import assert_contract, assert_unique, double_unrelated, read, relations, rows_of

CONTRACTS = {
    "active_payment_instruments": "id party_id instrument_type currency_code bank_name account_name account_number provider_ref is_default"
    " is_active created_at updated_at",
    "v_weekly_cash_flow_projections": "week_start currency_code scheduled_amount loans_with_payments historical_actual_amount"
    " historical_payment_count historical_collection_efficiency_pct",
    "v_monthly_cash_flow_analysis": "month_start currency_code scheduled_inflow loans_with_payments projected_disbursements new_loans"
    " net_cash_flow",
    "v_payment_timing_analysis": "currency_code payment_timing_category payment_count total_amount avg_days_variance median_days_variance"
    " percentage_of_payments",
    "v_collection_efficiency": "",
    "v_disbursement_pipeline": "",
    "v_unallocated_cash": "",
    "v_prepayment_analysis": "",
}


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with hand_book(head_url, relations("cash_flow")) as opened:
        yield opened


def totals(rows: list[dict[str, Any]], by: str, column: str) -> dict[Any, Decimal]:
    """Sums of a column by another."""
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row[by]] += row[column]
    return dict(found)


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("cash_flow"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", relations("cash_flow"))
def test_a_new_company_sees_no_cash(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    sentinel = 1 if view == "mv_unallocated_payment" else 0
    assert len(rows_of(head_url, view)) <= sentinel


def test_all_cash_that_came_in_is_in_the_collection_efficiency(analytics_book: URL) -> None:
    """Received over all months is what the loans say was paid; and it is split without a rest."""
    rows = rows_of(analytics_book, "v_collection_efficiency")
    paid = read(
        analytics_book,
        "SELECT currency_code, sum(principal_paid + interest_paid + rc_fee_paid + penalty_paid + other_paid) AS paid"
        " FROM analytics.loan_state GROUP BY 1 HAVING sum(payment_count) > 0",
    )
    assert {k: v for k, v in totals(rows, "currency_code", "received").items() if v} == {row["currency_code"]: row["paid"] for row in paid}
    for row in rows:
        assert row["paid_on_current_due"] + row["paid_on_arrears"] + row["prepaid"] + row["unassigned"] == row["received"]
        assert row["paid_on_current_due"] <= row["due"]
        assert row["unassigned"] >= 0


def test_every_settled_instalment_is_in_one_timing_band(analytics_book: URL) -> None:
    """The bands of a currency hold all settled instalments, and their shares add up to the whole."""
    rows = rows_of(analytics_book, "v_payment_timing_analysis")
    settled = read(
        analytics_book, "SELECT currency_code, sum(settled_lines) AS n FROM analytics.loan_state GROUP BY 1 HAVING sum(settled_lines) > 0"
    )
    assert {k: v for k, v in totals(rows, "currency_code", "instalments").items() if v} == {r["currency_code"]: r["n"] for r in settled}
    for share in totals(rows, "currency_code", "percentage_of_payments").values():
        assert abs(share - 100) <= Decimal("0.03")


def test_unapplied_cash_of_loans_is_listed_payment_by_payment(analytics_book: URL) -> None:
    """The unapplied cash of each loan is the sum of its payments that are not fully allocated."""
    rows = [row for row in rows_of(analytics_book, "v_unallocated_cash") if row["loan_id"]]
    loans = read(analytics_book, "SELECT loan_id, unapplied_cash FROM analytics.loan_position_live WHERE unapplied_cash > 0")
    assert totals(rows, "loan_id", "unapplied") == {row["loan_id"]: row["unapplied_cash"] for row in loans}
    assert all(row["unapplied"] > 0 for row in rows)


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events and documents change no figure of cash."""
    before = {view: rows_of(analytics_copy, view) for view in CONTRACTS}
    double_unrelated(analytics_copy)
    after = {view: rows_of(analytics_copy, view) for view in CONTRACTS}
    for view in CONTRACTS:
        assert sorted(map(str, after[view])) == sorted(map(str, before[view]))


def test_three_ratios_answer_three_questions(book: HandBook) -> None:
    """Arrears and cash paid ahead lift total collections, never the collection of what fell due in the month."""
    loan = book.loan([(date(2026, 4, 10), "100.00"), (date(2026, 5, 10), "100.00"), (date(2026, 6, 10), "100.00"), (DAY, "100.00")])
    book.pay(loan, date(2026, 5, 20), "100.00", line=1)
    book.pay(loan, date(2026, 5, 21), "40.00", line=2)
    book.pay(loan, date(2026, 5, 22), "30.00", line=3)
    book.close_books()
    may = book.one("v_collection_efficiency", month_start=date(2026, 5, 1))
    assert (may["due"], may["received"]) == (100, 170)
    assert (may["paid_on_current_due"], may["paid_on_arrears"], may["prepaid"], may["unassigned"]) == (40, 100, 30, 0)
    assert (may["current_due_ce_pct"], may["total_ce_pct"]) == (40, 170)
    assert may["ce_ex_npl_pct"] is None  # nobody knows who was performing on 30 April
    assert may["is_complete"] is True


def test_paying_more_than_was_due_collects_no_more_than_was_due(book: HandBook) -> None:
    """What exceeds an instalment is cash, but not the collection of anything due."""
    loan = book.loan([(date(2026, 5, 10), "100.00"), (date(2026, 12, 10), "100.00")])
    book.pay(loan, date(2026, 5, 10), "130.00", line=1)
    book.close_books()
    may = book.one("v_collection_efficiency", month_start=date(2026, 5, 1))
    assert (may["paid_on_current_due"], may["unassigned"], may["current_due_ce_pct"], may["total_ce_pct"]) == (100, 30, 100, 130)


def test_money_without_an_instalment_settles_the_oldest_one(book: HandBook) -> None:
    """A clerk who left the instalment empty collected the oldest debt all the same."""
    loan = book.loan([(date(2026, 4, 10), "100.00"), (date(2026, 5, 10), "100.00")])
    book.pay(loan, date(2026, 5, 12), "150.00")
    book.close_books()
    may = book.one("v_collection_efficiency", month_start=date(2026, 5, 1))
    assert (may["paid_on_arrears"], may["paid_on_current_due"]) == (100, 50)
    unlinked = book.one("v_payment_timing_analysis", payment_timing_category="unlinked")
    assert (unlinked["payment_count"], unlinked["total_amount"], unlinked["avg_days_variance"]) == (1, 150, None)


def test_loans_in_default_are_left_out_of_the_third_ratio(book: HandBook) -> None:
    """A loan that was non-performing when the month began says nothing about how performing loans pay."""
    bad = book.loan([(date(2026, 1, 2), "500.00"), (date(2026, 5, 10), "500.00")], borrower=book.party("Late"))
    good = book.loan([(date(2026, 5, 10), "100.00")])
    book.pay(good, date(2026, 5, 10), "100.00", line=1)
    book.close_books()
    book.publish(date(2026, 4, 30))
    book.refresh()
    may = book.one("v_collection_efficiency", month_start=date(2026, 5, 1))
    assert book.view("mv_month_end_default", loan_id=bad)
    assert (may["due"], may["due_ex_npl"]) == (600, 100)
    assert (may["current_due_ce_pct"], may["ce_ex_npl_pct"]) == (Decimal("16.67"), 100)


def test_bands_of_timing_meet_without_gap(book: HandBook) -> None:
    """A day belongs to exactly one band: the last and the first day of each are told apart."""
    due = date(2026, 4, 10)
    bands = {"early": (-40, -1), "on_time": (0,), "late_1_week": (1, 7), "late_1_month": (8, 30), "late_over_month": (31, 60)}
    for days in itertools.chain.from_iterable(bands.values()):
        loan = book.loan([(due, "100.00")])
        book.pay(loan, due + timedelta(days=days), "100.00", line=1)
    book.close_books()
    rows = {row["payment_timing_category"]: row for row in book.view("v_payment_timing_analysis")}
    assert {band: row["payment_count"] for band, row in rows.items()} == {k: len(v) for k, v in bands.items()}
    for band, days_of in bands.items():
        assert rows[band]["avg_days_variance"] == rows[band]["median_days_variance"] == Decimal(sum(days_of)) / len(days_of)
        assert rows[band]["total_amount"] == 100 * len(days_of)


def test_cash_is_unallocated_from_the_moment_it_arrives_until_it_is_used(book: HandBook) -> None:
    """New cash shows at once, shrinks with each allocation, and comes back when one is reversed."""
    loan = book.loan([(date(2026, 5, 10), "100.00")])
    book.close_books()
    payment = book.cash(date(2026, 6, 20), "100.00", payer_party_id=BORROWER)
    row = book.one("v_unallocated_cash")
    assert (row["payment_id"], row["loan_id"], row["unapplied"], row["age_days"], row["payer_name"]) == (payment, None, 100, 10, "Firm")
    book.settle(payment, loan, "60.00")
    assert book.one("v_unallocated_cash")["unapplied"] == 40
    last = book.settle(payment, loan, "40.00")
    assert book.view("v_unallocated_cash") == []
    book.close_books()
    book.rows("UPDATE public.payment SET created_at = '2026-01-01' WHERE id = %s", payment)
    book.rows("UPDATE public.payment_allocation SET reversed_at = '2026-06-25' WHERE id = %s", last)
    row = book.one("v_unallocated_cash")
    assert (row["loan_id"], row["allocated"], row["unapplied"]) == (loan, 60, 40)


def test_only_what_may_be_shown_of_an_account_number_is_shown(book: HandBook) -> None:
    """The last four digits of a number are shown, nothing of a short one, and no instrument that is switched off."""
    numbers = {"12345678": "****5678", "AE07 0331 2345 6 78": "****5678", "12-34": "****", "1234": "****", None: None}
    for number, shown in numbers.items():
        instrument = book.add(
            "payment_instrument", party_id=BORROWER, instrument_type="bank_account", currency_code="SGD", account_number=number
        )
        assert book.one("active_payment_instruments", id=instrument)["account_number"] == shown
    off = book.add("payment_instrument", party_id=BORROWER, instrument_type="bank_account", currency_code="SGD", is_active=False)
    assert book.view("active_payment_instruments", id=off) == []


def test_what_is_approved_and_not_paid_out_is_committed(book: HandBook) -> None:
    """A loan half paid out stays in the pipeline with the other half, and in the outflow of the month in which it begins."""
    loan = book.loan([(date(2026, 12, 1), "1000.00")], start=date(2026, 6, 1), disbursed="400.00")
    later = book.loan([(date(2026, 12, 1), "500.00")], start=date(2026, 8, 5), disbursed="0")
    full = book.loan([(date(2026, 12, 1), "500.00")])
    book.close_books()
    pipeline = {row["loan_id"]: (row["undisbursed"], row["age_days"]) for row in book.view("v_disbursement_pipeline")}
    assert pipeline == {loan: (600, 29), later: (500, 0)}
    assert full not in pipeline
    months = {row["month_start"]: row for row in book.view("v_monthly_cash_flow_analysis", currency_code="SGD")}
    assert len(months) == 12
    assert (months[date(2026, 6, 1)]["projected_disbursements"], months[date(2026, 8, 1)]["projected_disbursements"]) == (600, 500)
    december = months[date(2026, 12, 1)]
    assert (december["scheduled_inflow"], december["loans_with_payments"], december["net_cash_flow"]) == (2000, 3, 2000)


def test_a_late_loan_is_expected_to_pay_less_than_a_cured_one(book: HandBook) -> None:
    """The golden case: the cured loan once noted at 95 days counts as current, the one 40 days late without any event as late."""
    cured = book.loan([(date(2026, 1, 10), "100.00"), (date(2026, 7, 7), "1000.00")])
    book.pay(cured, date(2026, 3, 1), "100.00", line=1)
    book.add("collections_event", loan_id=cured, event_type="call_attempt", event_at="2026-04-15", dpd_snapshot=95)
    late = book.loan([(DAY - timedelta(days=40), "100.00"), (date(2026, 7, 14), "1000.00")], borrower=book.party("Late"))
    book.close_books()
    weeks = {row["week_start"]: row for row in book.view("v_weekly_cash_flow_projections", currency_code="SGD")}
    assert [row["loan_id"] for row in book.view("loan_position", dpd=40)] == [late]
    current, worse = weeks[date(2026, 7, 6)], weeks[date(2026, 7, 13)]
    assert (current["contractual_due"], current["expected_inflow"]) == (1000, 980)
    assert (worse["contractual_due"], worse["expected_inflow"]) == (1000, 500)
    assert current["needs_signoff"] is True  # both are defaults that nobody has signed off
    assert len(weeks) == 12
    timing = book.one("v_payment_timing_analysis")
    assert (timing["payment_timing_category"], timing["payment_count"]) == ("late_over_month", 1)


def test_cash_is_expected_as_it_came_in_lately(book: HandBook) -> None:
    """With history, the expectation is what the same bucket paid of its dues in the last twelve weeks."""
    loan = book.loan([(date(2026, 5, 10), "100.00"), (date(2026, 6, 10), "100.00"), (date(2026, 7, 10), "100.00")])
    other = book.loan([(date(2026, 5, 10), "300.00"), (date(2026, 7, 10), "300.00")], borrower=book.party("Other"))
    for number, day in ((1, date(2026, 5, 10)), (2, date(2026, 6, 10))):
        book.pay(loan, day, "100.00", line=number)
    book.pay(other, date(2026, 6, 29), "300.00", line=1)
    book.publish(date(2026, 4, 30), date(2026, 5, 31))
    book.close_books()
    efficiency = book.one("mv_bucket_efficiency", dpd_bucket="Current")
    assert (efficiency["due"], efficiency["settled"], efficiency["efficiency"]) == (500, 500, 1)
    week = book.one("v_weekly_cash_flow_projections", currency_code="SGD", week_start=date(2026, 7, 6))
    assert (week["scheduled_amount"], week["expected_inflow"], week["loans_due"], week["needs_signoff"]) == (400, 400, 2, False)
    before = book.one("v_weekly_cash_flow_projections", currency_code="SGD", week_start=date(2026, 7, 27))
    assert (before["historical_actual_amount"], before["historical_payment_count"]) == (100, 1)
    assert before["historical_collection_efficiency_pct"] == 100


def test_who_catches_up_prepays_nothing(book: HandBook) -> None:
    """Principal above schedule is a prepayment only as far as it leaves less to owe than the plan would."""
    start = date(2026, 2, 1)
    ahead = book.loan(matured(start, 10, "100.00"), start=start)
    behind = book.loan(matured(start, 10, "100.00"), start=start, borrower=book.party("Behind"))
    for number, day in ((1, date(2026, 3, 1)), (2, date(2026, 4, 1))):
        book.pay(ahead, day, "100.00", line=number)
    book.pay(ahead, date(2026, 5, 1), "100.00", line=3)
    book.pay(ahead, date(2026, 5, 15), "200.00")
    book.pay(behind, date(2026, 5, 15), "300.00")
    book.publish(date(2026, 4, 30), date(2026, 5, 31))
    book.close_books()
    may = book.one("v_prepayment_analysis", month_start=date(2026, 5, 1))
    assert (may["loans"], may["opening_balance"], may["sched_principal"]) == (2, 1800, 200)
    assert (may["paid_principal"], may["unsched_principal"]) == (600, 200)
    assert may["smm"] == Decimal("0.125000")
    assert may["cpr"] == round(1 - (1 - Decimal("0.125")) ** 12, 6)


def test_products_of_the_hand_book_have_no_tolerance(book: HandBook) -> None:
    """The figures above rest on a product without grace and tolerance."""
    assert book.rows("SELECT grace_days, tolerance_amount, tolerance_pct FROM public.product WHERE id = %s", PRODUCT) == [(0, 0, 0)]
    assert book.value("SELECT time_zone FROM public.legal_entity WHERE id = %s", SG) == "Asia/Singapore"
