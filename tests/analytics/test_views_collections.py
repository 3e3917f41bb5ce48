"""Collections: effort and outcome, episodes and cures, roll rates, recoveries, promises, disputes, legal steps, whom to call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import DAY, HandBook
from tests.analytics.stories import double_events, golden, late_loan, leave, set_status, story_book
from tests.analytics.view_contracts import assert_contract, assert_unique, read, relations, rows_of

CONTRACTS = {
    "v_collections_performance": "product_category currency_code current_collections_stage loans_in_stage principal_at_risk avg_max_dpd"
    " avg_reminders_sent avg_call_attempts call_success_rate_pct loans_with_legal_action total_recovered_amount recovery_rate_pct"
    " avg_recovery_days",
    "v_collections_resolution_analysis": "product_category currency_code dpd_bucket total_collections_cases resolved_cases"
    " resolution_rate_pct avg_resolution_days median_resolution_days avg_actions_per_case total_principal_in_collections"
    " resolved_principal",
    "v_collections_worklist": "",
    "v_roll_rate_matrix": "",
    "v_cure_rate": "",
    "v_recovery_analysis": "",
    "v_promise_to_pay_performance": "",
    "v_dispute_analysis": "",
    "v_legal_action_tracker": "",
}
EFFORT = {
    "avg_reminders_sent", "avg_call_attempts", "call_success_rate_pct", "contacts", "avg_actions_per_case", "notices", "lawyer_letters",
    "court_filings",
}  # fmt: skip
"""What counts events, and so may change with them."""
FAR = (date(2026, 12, 1), "1000.00")
JANUARY = date(2026, 1, 9)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with story_book(head_url, "collections") as opened:
        yield opened


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("collections"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    assert_unique(view, rows_of(analytics_book, view))


@pytest.mark.parametrize("view", relations("collections"))
def test_a_new_company_has_nothing_to_collect(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events change what was done, and no figure of money; promises are such events, and left out."""
    views = [view for view in CONTRACTS if view != "v_promise_to_pay_performance"]
    before = {view: _without_effort(rows_of(analytics_copy, view)) for view in views}
    double_events(analytics_copy)
    for view in views:
        assert _without_effort(rows_of(analytics_copy, view)) == before[view]


def _without_effort(rows: list[dict[str, Any]]) -> list[str]:
    """Rows without what counts events, in an order of their own."""
    return sorted(str({name: value for name, value in row.items() if name not in EFFORT}) for row in rows)


def test_an_old_note_makes_no_case_and_a_missing_one_hides_none(book: HandBook) -> None:
    """The golden case: the loan that nobody called is on the worklist and an open case, the cured one a resolved one."""
    cured, late = golden(book)
    book.close_books()
    row = book.one("v_collections_performance")
    assert (row["current_collections_stage"], row["loans_in_stage"], row["principal_at_risk"]) == ("current", 2, 2100)
    assert (row["avg_max_dpd"], row["avg_call_attempts"], row["total_recovered_amount"]) == (Decimal("44.50"), Decimal("0.50"), 0)
    assert [(r["loan_id"], r["dpd"], r["last_contact"]) for r in book.view("v_collections_worklist")] == [(late, 40, None)]
    cases = {r["dpd_bucket"]: (r["total_collections_cases"], r["resolved_cases"], r["open_cases"]) for r in book.view(RESOLUTION)}
    assert cases == {"1-30 DPD": (2, 1, 1), "31-60 DPD": (2, 1, 1)}
    assert book.view("v_legal_action_tracker") == []
    assert cured != late


RESOLUTION = "v_collections_resolution_analysis"


def test_a_case_is_counted_in_every_bucket_that_it_entered(book: HandBook) -> None:
    """Resolved ones count from the day they entered the bucket; open ones are cases without a duration."""
    short = book.loan([(date(2026, 4, 10), "100.00"), FAR])
    book.pay(short, date(2026, 4, 30), "100.00", line=1)
    longer = book.loan([(date(2026, 3, 1), "100.00"), FAR])
    book.pay(longer, date(2026, 4, 15), "100.00", line=1)
    book.loan([(date(2026, 5, 1), "100.00"), FAR])
    book.add("collections_event", loan_id=short, event_type="reminder_sent", event_at="2026-04-20")
    book.add("collections_event", loan_id=longer, event_type="reminder_sent", event_at="2026-03-01")
    book.close_books()
    first = book.one(RESOLUTION, dpd_bucket="1-30 DPD")
    assert (first["total_collections_cases"], first["resolved_cases"], first["open_cases"]) == (3, 2, 1)
    assert (first["resolution_rate_pct"], first["avg_resolution_days"]) == (Decimal("66.67"), Decimal("31.50"))
    assert (first["median_resolution_days"], first["avg_actions_per_case"]) == (Decimal("31.50"), Decimal("0.33"))
    assert (first["total_principal_in_collections"], first["resolved_principal"]) == (3300, 2200)
    second = book.one(RESOLUTION, dpd_bucket="31-60 DPD")
    assert (second["total_collections_cases"], second["resolved_cases"], second["avg_resolution_days"]) == (2, 1, 14)


@pytest.mark.parametrize(("paid", "cases", "days"), [(date(2026, 5, 11), 1, 39), (date(2026, 5, 10), 2, 19)])
def test_lateness_without_a_day_between_is_one_case(book: HandBook, paid: date, cases: int, days: int) -> None:
    """Paid on the day on which the next instalment is late already, the case goes on; paid a day earlier, a new one begins."""
    loan = book.loan([(date(2026, 4, 10), "100.00"), (date(2026, 5, 10), "100.00"), FAR])
    book.pay(loan, paid, "100.00", line=1)
    book.pay(loan, date(2026, 5, 20), "100.00", line=2)
    book.close_books()
    row = book.one(RESOLUTION, dpd_bucket="1-30 DPD")
    assert (row["total_collections_cases"], row["resolved_cases"], row["avg_resolution_days"]) == (cases, cases, days)


def test_a_write_off_resolves_nothing(book: HandBook) -> None:
    """The case ends, but not by what collections is there for."""
    gone = late_loan(book, 50)
    leave(book, gone, "written_off", DAY - timedelta(days=10))
    book.close_books()
    row = book.one(RESOLUTION, dpd_bucket="1-30 DPD")
    assert (row["total_collections_cases"], row["resolved_cases"], row["open_cases"], row["resolved_principal"]) == (1, 0, 0, 0)


def test_grace_and_pauses_delay_the_entry(book: HandBook) -> None:
    """A loan enters a bucket when its days past due do, not when the calendar days since the due date do."""
    loan = book.loan([(date(2026, 4, 10), "100.00"), FAR])
    book.add("loan_flag", loan_id=loan, flag="payment_pause", effective_from="2026-04-11", effective_through="2026-04-21")
    book.close_books()
    entered = {row["bucket"]: row["entered_on"] for row in book.view("mv_delinquency_entry")}
    assert entered == {"1-30 DPD": date(2026, 4, 21), "31-60 DPD": date(2026, 5, 21), "61-90 DPD": date(2026, 6, 20)}


def test_cures_are_counted_by_the_days_they_took(book: HandBook) -> None:
    """Exactly 30, 60 and 90 days after entry are within; a day more is not; a re-plan is a cure, but a forborne one."""
    for days in (30, 60, 90, 91):
        loan = book.loan([(JANUARY, "100.00"), FAR])
        book.pay(loan, JANUARY + timedelta(days=1 + days), "100.00", line=1)
    eased = book.loan([(JANUARY, "100.00"), FAR])
    book.plan(eased, [(date(2026, 12, 1), "1100.00")], start=date(2026, 1, 25), version=2)
    book.close_books()
    row = book.one("v_cure_rate", month=date(2026, 1, 1), dpd_bucket="1-30 DPD")
    assert (row["entered"], row["cured_30"], row["cured_60"], row["cured"]) == (5, 2, 3, 4)
    assert (row["cured_natural"], row["cured_forborne"]) == (3, 1)
    assert (row["cure_30_pct"], row["cure_60_pct"], row["cure_90_pct"]) == (40, 60, 80)
    assert (row["immature"], row["re_defaulted"], row["re_default_immature"]) == (False, 0, True)


def test_a_cured_loan_that_falls_again_within_a_year_has_re_defaulted(book: HandBook) -> None:
    """More than 90 days past due within twelve months of the cure is a re-default, later it is a new story."""
    for again in (date(2025, 6, 1), date(2026, 3, 1)):
        loan = book.loan([(date(2025, 3, 1), "100.00"), (again, "100.00")], start=date(2025, 2, 1))
        book.pay(loan, date(2025, 3, 20), "100.00", line=1)
    book.close_books()
    row = book.one("v_cure_rate", month=date(2025, 3, 1), dpd_bucket="1-30 DPD")
    assert (row["cured"], row["re_defaulted"], row["re_default_pct"], row["re_default_immature"]) == (2, 1, 50, False)


def test_transitions_of_every_state_make_a_hundred_percent(analytics_book: URL) -> None:
    """Whatever became of the loans of a bucket, all of them are somewhere."""
    shares: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    rows = rows_of(analytics_book, "v_roll_rate_matrix")
    for row in rows:
        place = shares[row["month"], row["product_id"], row["currency_code"], row["from_state"]]
        place[0] += row["pct_count"]
        place[1] += row["pct_balance"] or 0
    assert shares
    for count, balance in shares.values():
        assert abs(count - 100) < Decimal("0.0001")
        assert balance == 0 or abs(balance - 100) < Decimal("0.0001")
    [whole] = read(
        analytics_book,
        "SELECT count(*) AS n FROM analytics.loan_daily_snapshot AS s JOIN analytics.published_day AS d ON d.day = s.snapshot_date"
        " AND d.is_month_end WHERE s.status = 'active' AND d.day < (SELECT max(day) FROM analytics.published_day WHERE is_month_end)",
    )
    assert sum(row["loans"] for row in rows) == whole["n"]


def test_loans_that_leave_are_part_of_the_matrix_and_new_ones_are_not(book: HandBook) -> None:
    """Closed at its end, prepaid, written off, transferred or late: each is a destination, weighted by what was owed before."""
    book.loan([FAR])
    book.loan([(date(2026, 5, 20), "2000.00")])
    ends = {"prepaid": "closed", "closed": "closed", "written_off": "written_off", "transferred": "transferred"}
    for state, status in ends.items():
        loan = book.loan([FAR])
        if state == "closed":
            book.rows("UPDATE public.loan SET end_date = '2026-05-15' WHERE id = %s", loan)
        leave(book, loan, status, date(2026, 5, 20))
    book.loan([FAR], start=date(2026, 5, 5))
    book.close_books()
    book.publish(date(2026, 4, 30), date(2026, 5, 31))
    book.refresh()
    rows = {row["to_state"]: row for row in book.view("v_roll_rate_matrix")}
    assert {row["from_state"] for row in rows.values()} == {"Current"}
    assert set(rows) == {"Current", "8-30 DPD", *ends}
    assert all(row["loans"] == 1 for row in rows.values())
    assert (rows["prepaid"]["pct_count"], rows["prepaid"]["pct_balance"]) == (Decimal("16.666667"), Decimal("14.285714"))
    assert (rows["8-30 DPD"]["from_balance"], rows["8-30 DPD"]["pct_balance"]) == (2000, Decimal("28.571429"))


def defaulted(book: HandBook) -> str:
    """A loan of 1000 in default since 31 December 2025 with 900 to go; 200 came after 15 days, 100 after 69."""
    loan = book.loan([(date(2025, 10, 1), "500.00"), (date(2026, 12, 1), "500.00")], start=date(2025, 9, 1))
    for day, amount in ((date(2025, 12, 31), "100.00"), (date(2026, 1, 15), "200.00"), (date(2026, 3, 10), "100.00")):
        book.pay(loan, day, amount)
    return loan


def test_recoveries_belong_to_the_cohort_or_to_the_month_of_the_cash(book: HandBook) -> None:
    """Both series are there; loss given default discounts the cash to the day of default at the contract's rate."""
    defaulted(book)
    second = book.loan([(date(2025, 10, 15), "100.00")], start=date(2025, 9, 1), borrower=book.party("Second"))
    book.pay(second, date(2026, 3, 20), "50.00")
    book.close_books()
    book.refresh()
    rows = {row["months_since"]: row for row in book.view("v_recovery_analysis", default_month=date(2025, 12, 1))}
    assert sorted(rows) == list(range(7))
    assert [rows[n]["recovered"] for n in range(4)] == [0, 200, 0, 100]
    march = rows[3]
    assert (march["loans"], march["ead"], march["recovered_to_date"], march["rr_backdated"]) == (1, 900, 300, Decimal("33.33"))
    assert (march["cash_month"], march["rr_unbackdated"], march["immature"]) == (date(2026, 3, 1), 15, False)
    terms = [(Decimal(200), 15), (Decimal(100), 69)]
    present = sum((round(amount / Decimal("1.1") ** (Decimal(days) / 365), 2) for amount, days in terms), Decimal(0))
    assert march["lgd"] == round(1 - present / 900, 4)
    assert rows[6]["immature"] is True


def test_effort_and_recoveries_do_not_multiply_each_other(book: HandBook) -> None:
    """Three reminders, two calls and three payments are that many, and 1000 of principal stays 600 at risk."""
    loan = defaulted(book)
    set_status(book, loan, "collections_stage", "default_level_1")
    for kind, day in (
        ("reminder_sent", 1), ("reminder_sent", 2), ("reminder_sent", 3), ("call_attempt", 4), ("call_successful", 5), ("legal_notice", 6),
    ):  # fmt: skip
        book.add("collections_event", loan_id=loan, event_type=kind, event_at=datetime(2026, 6, day))  # noqa: DTZ001
    book.add("collections_event", loan_id=loan, event_type="call_attempt", event_at=datetime(2026, 7, 5))  # noqa: DTZ001
    book.close_books()
    row = book.one("v_collections_performance")
    assert (row["current_collections_stage"], row["loans_in_stage"], row["principal_at_risk"]) == ("default_level_1", 1, 600)
    assert (row["avg_reminders_sent"], row["avg_call_attempts"], row["call_success_rate_pct"]) == (3, 2, 50)
    assert (row["loans_with_legal_action"], row["contacts"], row["contact_rate_pct"]) == (1, 1, 100)
    assert (row["total_recovered_amount"], row["recovery_rate_pct"], row["defaulted_principal"]) == (300, Decimal("33.33"), 900)
    assert row["avg_recovery_days"] == 33  # (200 * 15 + 100 * 69) / 300
    assert row["needs_signoff"] is True


def test_a_promise_is_kept_on_the_last_day_and_broken_the_day_after(book: HandBook) -> None:
    """Seven days count, the day of the promise included; cash from before it does not; undecided ones are in no rate."""
    collector = book.party("Collector")
    for paid in (((1, "60.00"), (8, "40.00")), ((9, "100.00"),), ()):
        loan = book.loan([FAR])
        book.pay(loan, date(2026, 5, 31), "100.00")
        for day, amount in paid:
            book.pay(loan, date(2026, 6, day), amount)
        promised = 1 if paid else 25
        book.add(
            "collections_event", loan_id=loan, event_type="payment_arrangement", event_at=datetime(2026, 6, promised),  # noqa: DTZ001
            amount_involved="100.00", actor_party_id=collector,
        )  # fmt: skip
    book.close_books()
    row = book.one("v_promise_to_pay_performance")
    assert (row["month"], row["collector_name"], row["promised"]) == (date(2026, 6, 1), "Collector", 3)
    assert (row["kept"], row["broken"], row["open"], row["kept_pct"]) == (1, 1, 1, 50)
    assert (row["promised_amount"], row["received_amount"], row["needs_signoff"]) == (300, 100, True)


def test_the_worklist_puts_first_who_is_later_and_owes_more_and_last_who_has_promised(book: HandBook) -> None:
    """An open promise, or an action planned for later, is waited for; who paid is gone at once."""
    promised, small, plain, large, planned = (
        late_loan(book, days, amount) for days, amount in ((60, "500.00"), (10, "100.00"), (40, "100.00"), (40, "200.00"), (50, "100.00"))
    )
    book.add(
        "collections_event", loan_id=promised, event_type="payment_arrangement", event_at=DAY - timedelta(days=2), amount_involved="50.00"
    )
    book.add("collections_event", loan_id=planned, event_type="call_attempt", event_at="2026-06-20", next_action_date="2026-07-03")
    book.add("collections_event", loan_id=plain, event_type="call_attempt", event_at="2026-06-20", next_action_date="2026-06-25")
    book.pay(promised, DAY - timedelta(days=1), "20.00")
    book.close_books()
    # From here on what was paid until now is known, and need not be added up.
    book.rows("SELECT analytics.refresh_materialized_view('mv_promise')")
    rows = sorted(book.view("v_collections_worklist"), key=lambda row: row["priority"])
    assert [row["loan_id"] for row in rows] == [large, plain, small, promised, planned]
    found = {row["loan_id"]: row for row in rows}
    assert (found[promised]["promise_status"], found[promised]["promise_until"]) == ("open", DAY + timedelta(days=5))
    assert found[promised]["promise_paid"] == 20
    assert (found[promised]["last_contact"], found[planned]["next_action_date"]) == (DAY - timedelta(days=2), date(2026, 7, 3))
    book.pay(promised, DAY - timedelta(days=1), "30.00")
    book.pay(small, DAY, "100.00")
    rows = sorted(book.view("v_collections_worklist"), key=lambda row: row["priority"])
    assert [row["loan_id"] for row in rows] == [promised, large, plain, planned]
    assert (rows[0]["promise_status"], rows[0]["promise_paid"], rows[0]["arrears"]) == ("kept", 50, 450)


def test_disputes_are_open_until_the_day_they_are_resolved(book: HandBook) -> None:
    """Resolved after the business date is open on it; reported after it is not there yet; the median is of resolved ones."""
    loan = book.loan([FAR])
    reporter = book.party("Reporter")
    for created, resolved, status in (
        ("2026-06-01", "2026-06-11", "resolved"), ("2026-06-01", "2026-06-05", "closed"), ("2026-06-20", None, "investigating"),
        ("2026-06-20", "2026-07-05", "resolved"), ("2026-07-04", None, "open"),
    ):  # fmt: skip
        book.add(
            "payment_disputes", loan_id=loan, dispute_type="amount_mismatch", expected_amount="100.00", actual_amount="120.00",
            status=status, reported_by=reporter, priority="high",
            created_at=f"{created} 12:00+08", resolved_at=resolved and f"{resolved} 12:00+08",
        )  # fmt: skip
    row = book.one("v_dispute_analysis")
    assert (row["month"], row["disputes"], row["open"], row["resolved"]) == (date(2026, 6, 1), 4, 2, 2)
    assert (row["median_days"], row["avg_open_days"], row["amount_diff"], row["disputed_amount"]) == (7, 10, -80, 80)


def test_a_loan_in_court_is_one_row_whatever_was_sent(book: HandBook) -> None:
    """Letters and filings are counted, not multiplied; a status set by hand is enough to be listed; the clock stops when the loan ends."""
    sued, flagged = late_loan(book, 120, "500.00"), book.loan([FAR])
    for kind, day in (("legal_notice", 1), ("lawyer_letter", 5), ("lawyer_letter", 9), ("court_filing", 20)):
        book.add("collections_event", loan_id=sued, event_type=kind, event_at=datetime(2026, 5, day))  # noqa: DTZ001
    set_status(book, flagged, "legal_action", "small_claims")
    book.loan([FAR])
    book.close_books()
    rows = {row["loan_id"]: row for row in book.view("v_legal_action_tracker")}
    assert set(rows) == {sued, flagged}
    row = rows[sued]
    assert (row["notices"], row["lawyer_letters"], row["court_filings"], row["outstanding"]) == (1, 2, 1, 500)
    assert (row["first_notice"], row["latest_action"], row["days_in_legal"]) == (date(2026, 5, 1), "court_filing", 60)
    assert (rows[flagged]["legal_action"], rows[flagged]["latest_action"], rows[flagged]["days_in_legal"]) == ("small_claims", None, 29)
    leave(book, sued, "written_off", date(2026, 6, 10))
    book.close_books()
    assert book.one("v_legal_action_tracker", loan_id=sued)["days_in_legal"] == 40
