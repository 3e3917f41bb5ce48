"""Performance: applications and what became of them, and how the loans of each month turned out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import BORROWER, DAY, PRODUCT, SG, HandBook, hand_book
from tests.analytics.view_contracts import assert_contract, assert_unique, double_unrelated, read, relations, rows_of

CONTRACTS = {
    "v_origination_performance": "origination_month product_category business_unit legal_entity_name requested_currency total_applications"
    " decided_applications approved_applications rejected_applications loans_created avg_requested_amount avg_approved_amount"
    " total_requested_amount total_approved_amount total_disbursed_amount decision_rate_pct approval_rate_pct loan_conversion_rate_pct"
    " amount_approval_rate_pct disbursement_rate_pct",
    "v_portfolio_quality_metrics": "origination_month product_category business_unit currency_code loans_originated principal_originated"
    " avg_interest_rate_pct avg_rc_fee_rate_pct written_off_loans written_off_amount current_default_loans current_default_amount"
    " avg_dpd_for_delinquent write_off_rate_count_pct write_off_rate_amount_pct current_default_rate_count_pct"
    " current_default_rate_amount_pct portfolio_age_months",
    "v_origination_funnel": "",
    "v_time_to_decision": "",
    "v_vintage_curve": "",
    "v_vintage_loss": "",
    "v_loan_modification_analysis": "",
}
LATER = date(2026, 12, 1)
MONTH_ENDS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31))


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with hand_book(head_url, [*relations("performance"), "mv_month_end_default"]) as opened:
        yield opened


def apply(book: HandBook, created_at: str, amount: str = "1000.00", **row: Any) -> str:
    """An application."""
    return book.add(
        "application", application_number=f"A-{created_at}-{amount}-{len(row)}", product_id=PRODUCT, legal_entity_id=SG,
        applicant_party_id=BORROWER, requested_amount=amount, requested_currency="SGD", tenor_months=12, created_at=created_at, **row,
    )  # fmt: skip


def decide(book: HandBook, application: str, decided_at: str, amount: str | None = "1000.00", outcome: str = "approved") -> None:
    """A decision; only an approval has an amount."""
    book.add(
        "decision", application_id=application, outcome=outcome, approved_amount=amount, approved_currency="SGD" if amount else None,
        decided_by="desk", decided_at=decided_at,
    )  # fmt: skip


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("performance"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", relations("performance"))
def test_a_new_company_has_no_past(head_url: URL, view: str) -> None:
    """Before the first application the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events and documents change no figure of performance."""
    before = {view: sorted(map(str, rows_of(analytics_copy, view))) for view in CONTRACTS}
    double_unrelated(analytics_copy)
    assert {view: sorted(map(str, rows_of(analytics_copy, view))) for view in CONTRACTS} == before


def test_vintages_never_fall(analytics_book: URL) -> None:
    """What a cohort has ever reached or lost gross, it has reached or lost for good."""
    for view, columns in (
        ("v_vintage_curve", ("ever30", "ever60", "ever90", "ever30_amt", "ever60_amt", "ever90_amt")),
        ("v_vintage_loss", ("cgl", "recovery", "written_off_n")),
    ):
        cohorts: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in rows_of(analytics_book, view):
            cohorts[row["cohort_month"], row["product_id"], row["currency_code"]].append(row)
        assert any(row[columns[0]] for rows in cohorts.values() for row in rows)
        for rows in cohorts.values():
            rows.sort(key=lambda row: row["mob"])
            for column in columns:
                values = [row[column] for row in rows]
                assert values == sorted(values)
            for row in rows:
                if view == "v_vintage_curve":
                    assert row["ever90"] <= row["ever60"] <= row["ever30"] <= row["originated_n"]


def test_the_latest_losses_of_all_vintages_are_the_losses_of_the_book(analytics_book: URL) -> None:
    """Gross loss is what is written off today; nothing is lost between the cohorts."""
    latest: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows_of(analytics_book, "v_vintage_loss"):
        if row["observed_on"] == DAY:
            latest[row["currency_code"]] += row["cgl"]
    lost = read(
        analytics_book,
        "SELECT currency_code, sum(principal_written_off) AS lost FROM analytics.loan_state"
        " WHERE first_disbursed_on IS NOT NULL GROUP BY 1",
    )
    assert {k: v for k, v in latest.items() if v} == {row["currency_code"]: row["lost"] for row in lost if row["lost"]}


def test_every_application_and_every_paid_out_loan_has_a_month(analytics_book: URL) -> None:
    """Cohorts add up to the whole book: all applications, all loans with a payout, all they owe."""
    [whole] = read(
        analytics_book,
        "SELECT (SELECT count(*) FROM public.application) AS applications, count(*) AS loans, sum(disbursed_principal) AS disbursed,"
        " sum(outstanding_principal) FILTER (WHERE is_on_book) AS owed FROM analytics.loan_position WHERE first_disbursed_on IS NOT NULL",
    )
    applications = rows_of(analytics_book, "v_origination_performance")
    assert sum(row["total_applications"] for row in applications) == whole["applications"]
    assert sum(row["submitted"] for row in rows_of(analytics_book, "v_origination_funnel")) == whole["applications"]
    quality = rows_of(analytics_book, "v_portfolio_quality_metrics")
    assert sum(row["loans_originated"] for row in quality) == whole["loans"]
    assert sum(row["principal_originated"] for row in quality) == whole["disbursed"]
    assert sum(row["outstanding"] for row in quality) == whole["owed"]


def test_each_step_of_the_funnel_passes_on_no_more_than_it_got(analytics_book: URL) -> None:
    """Who is paid out has a contract, who has one was approved, who was approved was decided on."""
    for row in rows_of(analytics_book, "v_origination_funnel"):
        assert row["submitted"] >= row["decided"] >= row["approved"] >= row["contracted"] >= row["disbursed"] >= 0


def test_only_the_latest_decision_counts_and_counts_once(book: HandBook) -> None:
    """An approval after a rejection is an approval of its own amount, not two decisions and not two amounts."""
    turned = apply(book, "2026-05-04 02:00+00", "900.00")
    decide(book, turned, "2026-05-05 02:00+00", None, "rejected")
    decide(book, turned, "2026-05-06 02:00+00", "800.00")
    lost = apply(book, "2026-05-31 10:00+00", "600.00")
    decide(book, lost, "2026-06-01 02:00+00", "600.00")
    decide(book, lost, "2026-06-02 02:00+00", None, "rejected")
    apply(book, "2026-05-31 17:00+00", "500.00")  # the first of June in Singapore
    for _ in range(2):
        book.loan([(LATER, "400.00")], application_id=turned)
    book.close_books()
    may = book.one("v_origination_performance", origination_month=date(2026, 5, 1))
    counts = ("total_applications", "decided_applications", "approved_applications", "rejected_applications", "loans_created", "funded")
    assert tuple(may[name] for name in counts) == (2, 2, 1, 1, 1, 1)
    assert (may["total_requested_amount"], may["total_approved_amount"], may["total_disbursed_amount"]) == (1500, 800, 800)
    assert (may["approval_rate_pct"], may["loan_conversion_rate_pct"], may["disbursement_rate_pct"]) == (50, 100, 100)
    june = book.one("v_origination_performance", origination_month=date(2026, 6, 1))
    assert (june["total_applications"], june["decision_rate_pct"], june["approval_rate_pct"]) == (1, 0, None)


def test_a_young_cohort_is_marked_immature(book: HandBook) -> None:
    """A month is mature once nineteen of twenty decisions would have been made since its end."""
    for hour in range(20):
        application = apply(book, f"2026-04-01 {hour:02}:00+00", f"{hour + 1}.00")
        decide(book, application, f"2026-05-02 {hour:02}:00+00", "1.00")
    apply(book, "2026-05-02 02:00+00")
    apply(book, "2026-06-02 02:00+00")
    book.close_books()
    rows = {row["cohort_month"].month: row for row in book.view("v_origination_funnel")}
    assert {month: row["immature"] for month, row in rows.items()} == {4: False, 5: True, 6: True}
    assert rows[4]["p95_decision_days"] == 31
    waited = book.one("v_time_to_decision", month_start=date(2026, 4, 1))
    assert (waited["decisions"], waited["p50"], waited["p90"], waited["disbursement_p50"]) == (20, 744, 744, None)


def test_moments_that_were_derived_measure_no_waiting(book: HandBook) -> None:
    """A decision dated like its application comes from before v1: it is not a decision within no time."""
    application = apply(book, "2026-04-01 02:00+00")
    decide(book, application, "2026-04-01 02:00+00")
    book.loan([(LATER, "1000.00")], start=date(2026, 4, 3), application_id=application)
    quick = apply(book, "2026-05-01 02:00+00", "700.00")
    decide(book, quick, "2026-05-01 08:00+00", "700.00")
    book.loan([(LATER, "700.00")], start=date(2026, 5, 2), application_id=quick)
    book.close_books()
    april, may = book.view("v_time_to_decision")
    assert (april["applications"], april["decisions"], april["p50"]) == (1, 0, None)
    assert (may["decisions"], may["p50"], may["disbursements"], may["disbursement_p50"]) == (1, 6, 1, 20)


def test_quality_follows_days_past_due_not_notes(book: HandBook) -> None:
    """The golden case: a note of 95 days on a cured loan counts for nothing; 40 days late without any note count."""
    cured = book.loan([(date(2026, 2, 1), "500.00"), (LATER, "500.00")])
    book.pay(cured, date(2026, 2, 2), "500.00", line=1)
    book.add("collections_event", loan_id=cured, event_type="call_attempt", event_at="2026-05-01", dpd_snapshot=95)
    book.loan([(DAY - timedelta(days=40), "1000.00")], borrower=book.party("Late"), interest_rate="0.2000")
    book.close_books()
    row = book.one("v_portfolio_quality_metrics")
    assert (row["origination_month"], row["portfolio_age_months"]) == (date(2026, 1, 1), 5)
    assert (row["loans_originated"], row["principal_originated"], row["outstanding"]) == (2, 2000, 1500)
    assert (row["current_default_loans"], row["avg_dpd_for_delinquent"]) == (0, 40)
    assert (row["avg_interest_rate_pct"], row["avg_rc_fee_rate_pct"]) == (15, 0)


def test_a_loan_that_was_once_late_stays_so_in_its_vintage(book: HandBook) -> None:
    """Sixty-one days late in April and cured in May: ever 30 and 60 from then on, never 90; a closed loan stays in the cohort."""
    late = book.loan([(date(2026, 2, 28), "600.00"), (LATER, "400.00")])
    book.pay(late, date(2026, 5, 2), "600.00", line=1)
    closed = book.loan([(date(2026, 2, 1), "3000.00")], borrower=book.party("Closed"))
    book.pay(closed, date(2026, 2, 1), "3000.00", line=1)
    book.publish(*MONTH_ENDS)
    book.close_books()
    rows = {row["mob"]: row for row in book.view("v_vintage_curve")}
    assert sorted(rows) == [0, 1, 2, 3, 4]
    assert [rows[mob]["ever30"] for mob in sorted(rows)] == [0, 0, 1, 1, 1]
    assert [rows[mob]["ever60"] for mob in sorted(rows)] == [0, 0, 0, 1, 1]
    assert rows[4]["ever90"] == 0
    assert (rows[4]["originated_n"], rows[4]["originated_amt"], rows[4]["ever60_amt"]) == (2, 4000, 1000)
    assert (rows[4]["ever60_pct"], rows[4]["ever60_amt_pct"], rows[4]["is_small"]) == (50, 25, True)


def test_a_loss_is_gross_first_and_recoveries_come_off_it(book: HandBook) -> None:
    """Of 1,000 lost in March 300 came back in May: gross stays 1,000, net is 700."""
    loan = book.loan([(date(2026, 2, 1), "1000.00")])
    book.add(
        "loan_status_history", loan_id=loan, status_type="operational_status", status_value="written_off",
        effective_from="2026-03-15 04:00+00", reason="decided",
    )  # fmt: skip
    book.pay(loan, date(2026, 5, 20), "300.00")
    book.close_books()
    rows = book.view("v_vintage_loss")
    assert [row["mob"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [row["cgl"] for row in rows] == [0, 0, 1000, 1000, 1000, 1000]
    assert [row["recovery"] for row in rows] == [0, 0, 0, 0, 300, 300]
    assert (rows[5]["cnl"], rows[5]["cnl_pct"], rows[5]["written_off_n"]) == (700, 70, 1)


def test_a_modification_is_counted_once_and_followed(book: HandBook) -> None:
    """A renewal known twice, as transfer and as parent, is one; a re-plan is another; each is judged by what came after."""
    parent = book.loan([(LATER, "500.00")])
    child = book.loan([(LATER, "500.00")], start=date(2026, 2, 10), disbursed="0", parent_loan_id=parent)
    book.add(
        "loan_transfers", source_loan_id=parent, target_loan_id=child, transfer_type="lease_renewal", transfer_amount="450.00",
        transfer_date=date(2026, 2, 10), status="completed",
    )  # fmt: skip
    orphan = book.loan([(LATER, "300.00")], start=date(2026, 2, 20), parent_loan_id=parent)
    bent = book.loan([(LATER, "800.00")], start=date(2025, 10, 1), borrower=book.party("Bent"))
    book.plan(bent, [(date(2025, 12, 1), "800.00")], start=date(2025, 11, 15), version=2)
    ends = [date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), *MONTH_ENDS]
    book.publish(*ends)
    book.close_books()
    rows = {(row["month_start"], row["modification_type"]): row for row in book.view("v_loan_modification_analysis")}
    assert set(rows) == {(date(2026, 2, 1), "renewal"), (date(2025, 11, 1), "re_plan")}
    renewal = rows[date(2026, 2, 1), "renewal"]
    assert (renewal["count"], renewal["amount"], renewal["observed_6m"], renewal["re_default_6m_pct"]) == (2, 750, 0, None)
    replan = rows[date(2025, 11, 1), "re_plan"]
    assert (replan["count"], replan["amount"], replan["observed_6m"], replan["re_default_6m"]) == (1, 800, 1, 1)
    assert (replan["max_dpd_6m"], replan["default_now"]) == (150, 1)
    assert orphan != child
