"""Payment health: days past due and their buckets, instalments, arrears, portfolio at risk, what warns early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import DAY, PRODUCT, HandBook
from tests.analytics.stories import EDGES, double_events, golden, late_loan, leave, story_book
from tests.analytics.view_contracts import assert_contract, assert_unique, read, relations, rows_of, types_of
from tests.oracle.histories import PRODUCTS

CONTRACTS = {
    "v_dpd_analysis": "loan_id loan_number currency_code principal_amount product_category business_unit borrower_name current_dpd"
    " dpd_bucket risk_status collections_status last_collections_event risk_category",
    "v_payment_health_summary": "product_category business_unit currency_code dpd_bucket risk_category loan_count total_principal"
    " avg_dpd_in_bucket",
    "v_instalment_status": "",
    "v_arrears_ageing": "",
    "v_portfolio_at_risk": "",
    "v_early_warning": "",
    "v_first_payment_default": "",
}
BUCKETS = {
    0: ("Current", "Normal"), 1: ("1-7 DPD", "Watch"), 7: ("1-7 DPD", "Watch"), 8: ("8-30 DPD", "Watch"), 30: ("8-30 DPD", "Watch"),
    31: ("31-60 DPD", "Substandard"), 60: ("31-60 DPD", "Substandard"), 61: ("61-90 DPD", "Substandard"), 90: ("61-90 DPD", "Substandard"),
    91: ("91-180 DPD", "Doubtful"), 180: ("91-180 DPD", "Doubtful"), 181: ("180+ DPD", "Loss"),
}  # fmt: skip
GRACE = next(product for product, (grace, _, _) in PRODUCTS.items() if grace == 3)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with story_book(head_url, "payment_health", "collections") as opened:
        yield opened


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


def test_the_shares_follow_the_other_columns_of_the_contract(analytics_book: URL) -> None:
    """Both shares are percentages, though the name of one ends like a count."""
    types = list(types_of(analytics_book, "v_payment_health_summary").items())
    assert types[8:10] == [("pct_of_portfolio_by_count", "numeric"), ("pct_of_portfolio_by_amount", "numeric")]


@pytest.mark.parametrize("view", relations("payment_health"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", [view for view in relations("payment_health") if view != "bucket_scheme"])
def test_a_new_company_has_nothing_overdue(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events and documents change no figure of payment health."""
    before = {view: rows_of(analytics_copy, view) for view in CONTRACTS}
    double_events(analytics_copy)
    for view in CONTRACTS:
        assert sorted(map(str, rows_of(analytics_copy, view))) == sorted(map(str, before[view]))


def test_an_old_note_makes_no_loan_late_and_a_missing_one_none_current(book: HandBook) -> None:
    """The golden case in every view of payment health: 95 was noted of the loan at 0 days, nothing of the one at 40."""
    cured, late = golden(book)
    book.close_books()
    found = {row["loan_id"]: row for row in book.view("v_dpd_analysis")}
    assert {loan: (row["current_dpd"], row["dpd_bucket"], row["risk_category"]) for loan, row in found.items()} == {
        cured: (0, "Current", "Normal"), late: (40, "31-60 DPD", "Substandard"),
    }  # fmt: skip
    assert (found[cured]["last_collections_event_type"], found[late]["last_collections_event"]) == ("call_attempt", None)
    assert found[cured]["last_collections_event"].date() == date(2026, 4, 14)
    summary = {row["dpd_bucket"]: row for row in book.view("v_payment_health_summary")}
    assert {bucket: (row["loan_count"], row["total_principal"], row["avg_dpd_in_bucket"]) for bucket, row in summary.items()} == {
        "Current": (1, 1000, 0), "31-60 DPD": (1, 1100, 40),
    }  # fmt: skip
    assert (summary["Current"]["pct_of_portfolio_by_count"], summary["Current"]["pct_of_portfolio_by_amount"]) == (50, Decimal("47.62"))
    risk = book.one("v_portfolio_at_risk")
    assert (risk["glp"], risk["par30_amount"], risk["par30"], risk["par60"]) == (2100, 1100, Decimal("52.38"), 0)
    assert [(row["dpd_bucket"], row["arrears"]) for row in book.view("v_arrears_ageing")] == [("31-60 DPD", 100)]
    assert [row["line_id"] for row in book.view("v_instalment_status", is_overdue=True)] == [book.line(late, 1)]


@pytest.mark.parametrize("days", EDGES)
def test_every_day_past_due_has_its_bucket(book: HandBook, days: int) -> None:
    """On both sides of every boundary a loan, its arrears and the portfolio at risk say the same."""
    late_loan(book, days)
    book.close_books()
    bucket, category = BUCKETS[days]
    row = book.one("v_dpd_analysis")
    assert (row["current_dpd"], row["dpd_bucket"], row["risk_category"], row["arrears"]) == (days, bucket, category, 100 if days else 0)
    summary = book.one("v_payment_health_summary")
    assert (summary["dpd_bucket"], summary["risk_category"], summary["bucket_sort"]) == (bucket, category, row["bucket_sort"])
    risk = book.one("v_portfolio_at_risk")
    for threshold in (1, 30, 60, 90, 180):
        assert risk[f"par{threshold}"] == (100 if days > threshold else 0)
    assert [(r["dpd_bucket"], r["arrears"]) for r in book.view("v_arrears_ageing")] == ([(bucket, 100)] if days else [])


def test_the_buckets_hold_the_whole_book(analytics_book: URL) -> None:
    """Every loan on the book is in one bucket; the shares of a currency make 100 percent; arrears by age are the arrears of the loans."""
    summary, risk = rows_of(analytics_book, "v_payment_health_summary"), rows_of(analytics_book, "v_portfolio_at_risk")
    whole = {
        row["currency_code"]: row
        for row in read(
            analytics_book,
            "SELECT currency_code, count(*) AS n, sum(outstanding_principal) AS owed, sum(arrears) AS arrears FROM analytics.loan_state"
            " WHERE status = 'active' GROUP BY 1",
        )
    }
    ageing = rows_of(analytics_book, "v_arrears_ageing")
    assert len(rows_of(analytics_book, "v_dpd_analysis")) == sum(row["n"] for row in whole.values())
    for currency, book in whole.items():
        rows = [row for row in summary if row["currency_code"] == currency]
        assert (sum(row["loan_count"] for row in rows), sum(row["total_principal"] for row in rows)) == (book["n"], book["owed"])
        for share in ("pct_of_portfolio_by_count", "pct_of_portfolio_by_amount"):
            assert abs(sum(row[share] for row in rows) - 100) <= Decimal("0.005") * len(rows)
        assert sum(row["glp"] for row in risk if row["currency_code"] == currency) == book["owed"]
        assert sum(row["arrears"] for row in ageing if row["currency_code"] == currency) == book["arrears"]
    for row in risk:
        amounts = [row["glp"], *(row[f"par{days}_amount"] for days in (1, 30, 60, 90, 180))]
        assert amounts == sorted(amounts, reverse=True)


def test_instalments_add_up_to_what_the_loans_say(analytics_book: URL) -> None:
    """Of every loan the overdue instalments make its arrears, and all instalments of the plans in force are there, also future ones."""
    rows = rows_of(analytics_book, "v_instalment_status")
    overdue: dict[str, Decimal] = {}
    for row in rows:
        assert row["unpaid"] == sum(row[f"unpaid_{part}"] for part in ("principal", "interest", "rc_fee", "penalty", "other"))
        assert row["due"] == sum(row[f"due_{part}"] for part in ("principal", "interest", "rc_fee", "penalty", "other"))
        assert (row["days_late"] > 0) == row["is_overdue"]
        if row["is_overdue"]:
            overdue[row["loan_id"]] = overdue.get(row["loan_id"], Decimal(0)) + row["unpaid"]
    loans = read(analytics_book, "SELECT loan_id, arrears FROM analytics.loan_position_live WHERE arrears > 0")
    assert overdue == {row["loan_id"]: row["arrears"] for row in loans}
    lines = read(
        analytics_book,
        "SELECT c.line_id, c.unpaid, c.is_settled, c.settled_on FROM analytics.compute_instalments((SELECT array_agg(id) FROM public.loan),"
        " NULL) AS c WHERE c.in_force",
    )
    assert {r["line_id"]: (r["unpaid"], r["is_settled"], r["settled_on"]) for r in rows} == {
        r["line_id"]: (r["unpaid"], r["is_settled"], r["settled_on"]) for r in lines
    }


def test_a_payment_shows_before_the_worker_has_seen_it(book: HandBook) -> None:
    """Days past due and instalments are exact when read."""
    loan = book.loan([(DAY - timedelta(days=40), "100.00"), (DAY, "100.00"), (DAY + timedelta(days=30), "100.00")])
    book.close_books()
    states = [(row["seq_no"], row["status"], row["unpaid"]) for row in sorted(book.view("v_instalment_status"), key=lambda r: r["seq_no"])]
    assert states == [(1, "overdue", 100), (2, "due_today", 100), (3, "upcoming", 100)]
    book.pay(loan, DAY - timedelta(days=2), "130.00")
    assert book.value("SELECT count(*) FROM analytics.loan_waiting") == 1
    states = [(row["seq_no"], row["status"], row["unpaid"]) for row in sorted(book.view("v_instalment_status"), key=lambda r: r["seq_no"])]
    assert states == [(1, "settled", 0), (2, "due_today", 70), (3, "upcoming", 100)]
    assert book.one("v_instalment_status", seq_no=1)["settled_on"] == DAY - timedelta(days=2)
    assert book.one("v_dpd_analysis")["current_dpd"] == 0


def test_only_the_plan_in_force_is_owed_and_nothing_of_a_loan_that_left(book: HandBook) -> None:
    """A re-plan replaces what was late; of a written-off loan nothing is overdue, seen by the worker or not."""
    loan = book.loan([(date(2026, 3, 1), "100.00")])
    book.plan(loan, [(date(2026, 9, 1), "100.00")], start=date(2026, 5, 1), version=2)
    gone = late_loan(book, 60)
    book.close_books()
    [only] = book.view("v_instalment_status", loan_id=loan)
    assert (only["due_date"], only["status"]) == (date(2026, 9, 1), "upcoming")
    leave(book, gone, "written_off", date(2026, 6, 1))
    for _ in range(2):
        row = book.one("v_instalment_status", loan_id=gone)
        assert (row["is_overdue"], row["status"], row["days_late"]) == (False, "written_off", 0)
        book.close_books()


def test_the_instalments_of_a_loan_are_found_by_index(book: HandBook) -> None:
    """Asked for one loan, no table of instalments, payments or plans is read from end to end."""
    # A table of a few rows is read whole whatever its indexes: what is asked here is whether they can be used.
    book.rows("SET LOCAL enable_seqscan = off")
    book.rows("SET LOCAL enable_hashjoin = off")
    book.rows("SET LOCAL enable_mergejoin = off")
    query = "EXPLAIN (FORMAT JSON) SELECT * FROM analytics.v_instalment_status WHERE loan_id = '00000000-0000-4000-8000-000000000001'"
    [(plan,)] = book.rows(query)
    nodes = [node for node in _nodes(plan[0]["Plan"]) if node.get("Relation Name") in BIG]
    assert {node["Relation Name"] for node in nodes} >= {"instalment_state", "amortisation_line", "amortisation_plan", "loan_state"}
    for node in nodes:
        assert node["Node Type"] != "Seq Scan", node
        assert "Index Cond" in node or "Recheck Cond" in node, node


BIG = {"amortisation_line", "amortisation_plan", "instalment_state", "loan_state", "payment", "payment_allocation"}
"""Not the queue: who waits is read once, as a list."""


def _nodes(plan: dict[str, object]) -> Iterator[dict[str, object]]:
    """A plan's node and all below it."""
    yield plan
    for below in plan.get("Plans", []):  # type: ignore[attr-defined]
        yield from _nodes(below)


def test_one_late_loan_may_stand_in_several_ages(book: HandBook) -> None:
    """Arrears are aged by instalment: the oldest does not take the younger ones along; grace does not make them younger."""
    loan = book.loan([(DAY - timedelta(days=65), "100.00"), (DAY - timedelta(days=35), "80.00"), (DAY - timedelta(days=2), "60.00")])
    book.rows("UPDATE public.loan SET product_id = %s WHERE id = %s", GRACE, loan)
    book.close_books()
    ages = {row["dpd_bucket"]: (row["arrears"], row["loans"], row["instalments"]) for row in book.view("v_arrears_ageing")}
    assert ages == {"61-90 DPD": (100, 1, 1), "31-60 DPD": (80, 1, 1), "1-7 DPD": (60, 1, 1)}
    assert book.one("v_dpd_analysis")["current_dpd"] == 62


def test_the_whole_balance_of_a_late_loan_is_at_risk(book: HandBook) -> None:
    """PAR counts what the late loan owes in all, the arrears rate what is overdue; restructured loans are shown both ways."""
    book.loan([(DAY - timedelta(days=31), "100.00"), (DAY + timedelta(days=30), "300.00")], borrower=book.party("Late"))
    forborne = book.loan([(DAY + timedelta(days=30), "200.00")])
    book.loan([(DAY + timedelta(days=30), "400.00")])
    book.add("loan_flag", loan_id=forborne, flag="forborne", effective_from="2026-06-01")
    gone = late_loan(book, 300, "50.00")
    leave(book, gone, "written_off", DAY - timedelta(days=20))
    book.close_books()
    row = book.one("v_portfolio_at_risk")
    assert (row["glp"], row["par30_amount"], row["par30"], row["arrears_rate"]) == (1000, 400, 40, 10)
    assert (row["par30_incl_restructured"], row["par30_excl_restructured"], row["restructured_amount"]) == (60, 50, 200)
    assert (row["loans"], row["written_off_12m"]) == (3, 50)


def test_signals_come_from_what_happened(book: HandBook) -> None:
    """Newly past due, a broken promise, payments that slip and grace that is used more: each by its own facts, one row a loan."""
    steady = book.loan([(DAY + timedelta(days=30), "100.00")])
    new = late_loan(book, 5)
    old = late_loan(book, 50)
    broken = book.loan([(DAY - timedelta(days=60), "100.00")], borrower=book.party("Promises"))
    book.add(
        "collections_event", loan_id=broken, event_type="payment_arrangement", event_at=DAY - timedelta(days=20), amount_involved="100.00"
    )
    slipping = _habits(book, (0, 0), (9, 9))
    grace = _habits(book, (0, 0), (2, 3), GRACE)
    book.publish(date(2026, 5, 31))
    book.close_books()
    found = {row["loan_id"]: (row["signal"], row["days_since"], row["prev_bucket"]) for row in book.view("v_early_warning")}
    assert found == {
        new: ("newly_past_due", 5, "Current"),
        broken: ("broken_promise", 13, "8-30 DPD"),
        slipping: ("payment_slipping", (DAY - date(2026, 6, 19)).days, "Current"),
        grace: ("grace_rising", (DAY - date(2026, 6, 13)).days, "Current"),
    }
    assert steady not in found
    assert old not in found
    assert book.view("v_early_warning")[0]["needs_signoff"] is True


def _habits(book: HandBook, before: tuple[int, int], lately: tuple[int, int], product: str = PRODUCT) -> str:
    """A loan whose instalments of January, February, May and June were paid that many days late."""
    dues = [date(2026, 1, 10), date(2026, 2, 10), date(2026, 5, 10), date(2026, 6, 10)]
    loan = book.loan([(due, "100.00") for due in dues] + [(date(2026, 12, 1), "100.00")], borrower=book.party("Habits"))
    book.rows("UPDATE public.loan SET product_id = %s WHERE id = %s", product, loan)
    for number, (due, late) in enumerate(zip(dues, (*before, *lately), strict=True), 1):
        book.pay(loan, due + timedelta(days=late), "100.00", line=number)
    return loan


@pytest.mark.parametrize(("paid", "fails"), [(29, 0), (30, 0), (31, 1), (None, 1)])
def test_a_first_payment_default_is_a_first_instalment_unpaid_after_thirty_days(book: HandBook, paid: int | None, fails: int) -> None:
    """Paid on the thirtieth day it is none; a day later it is, however soon after it was paid."""
    due = date(2025, 10, 10)
    loan = book.loan([(due, "100.00"), (date(2026, 12, 1), "100.00")], start=date(2025, 9, 5))
    if paid is not None:
        book.pay(loan, due + timedelta(days=paid), "100.00", line=1)
    book.close_books()
    row = book.one("v_first_payment_default")
    assert (row["month"], row["loans"], row["fpd_observed"], row["fpd_loans"], row["fpd_rate"]) == (
        date(2025, 9, 1),
        1,
        1,
        fails,
        100 * fails,
    )
    assert row["immature"] is False


@pytest.mark.parametrize(
    ("status", "left", "observed", "fails"),
    [
        ("transferred", date(2025, 10, 10), 0, 0), ("transferred", date(2025, 11, 9), 1, 0), ("transferred", date(2025, 11, 10), 1, 1),
        ("written_off", date(2025, 10, 20), 1, 1),
    ],
)  # fmt: skip
def test_a_loan_that_moved_has_not_failed_on_its_first_instalment(
    book: HandBook, status: str, left: date, observed: int, fails: int
) -> None:
    """What is due from the day of the move on, or judged then, is owed by another contract; a write-off is no excuse."""
    loan = book.loan([(date(2025, 10, 10), "100.00"), (date(2026, 12, 1), "100.00")], start=date(2025, 9, 5))
    leave(book, loan, status, left)
    book.close_books()
    row = book.one("v_first_payment_default")
    assert (row["loans"], row["fpd_observed"], row["fpd_loans"]) == (1, observed, fails)


@pytest.mark.parametrize(("due", "fails"), [(date(2025, 12, 31), 0), (date(2025, 12, 30), 1)])
def test_an_early_default_is_more_than_ninety_days_within_six_months(book: HandBook, due: date, fails: int) -> None:
    """By 31 March, the end of the sixth month after September, 90 days late is no early default, 91 are."""
    book.loan([(due, "100.00")], start=date(2025, 9, 5))
    book.close_books()
    row = book.one("v_first_payment_default")
    assert (row["epd_observed"], row["epd_loans"], row["epd_rate"]) == (1, fails, 100 * fails)


def test_a_young_cohort_has_no_rate_yet(book: HandBook) -> None:
    """Before anything could be observed a rate would be a promise, not a figure."""
    book.loan([(DAY - timedelta(days=10), "100.00")], start=date(2026, 6, 1))
    book.close_books()
    row = book.one("v_first_payment_default")
    assert (row["fpd_observed"], row["fpd_rate"], row["epd_rate"], row["immature"]) == (0, None, None, True)
    assert (row["agent_party_id"], row["needs_signoff"]) == (None, True)
