"""Regulatory compliance: classes, provisions, their movements, limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import BORROWER, DAY, PRODUCT, HandBook, hand_book
from tests.analytics.view_contracts import assert_contract, assert_unique, double_unrelated, read, relations, rows_of
from tests.support.migrations import run_sql

CONTRACTS = {
    "v_regulatory_compliance_report": "legal_entity_name country_code currency_code active_loans outstanding_principal performing_loans"
    " substandard_loans doubtful_loans loss_loans performing_amount substandard_amount doubtful_amount loss_amount required_provisions"
    " legal_action_loans legal_action_amount performing_ratio_pct npl_ratio_pct provisioning_ratio_pct charge_off_ratio_pct"
    " npl_compliance_status provisioning_status",
    "v_npl_classification": "",
    "v_provisioning_schedule": "",
    "v_stage_migration": "",
    "v_product_limit_breaches": "",
}
APRIL, MAY = date(2026, 4, 30), date(2026, 5, 31)
LATER = date(2026, 12, 1)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with hand_book(head_url, relations("regulatory")) as opened:
        yield opened


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("regulatory"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", relations("regulatory"))
def test_a_new_company_reports_nothing(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events and documents change no figure of a regulator."""

    def figures() -> dict[str, list[str]]:
        return {view: sorted(str(row) for row in rows_of(analytics_copy, view)) for view in CONTRACTS}

    before = figures()
    double_unrelated(analytics_copy)
    run_sql(analytics_copy, "REFRESH MATERIALIZED VIEW analytics.mv_stage_migration")
    assert figures() == before


def test_the_classes_add_up_to_the_book(analytics_book: URL) -> None:
    """Each loan on the book is in one class, and its principal in one amount."""
    owed = read(
        analytics_book,
        "SELECT legal_entity_id, currency_code, count(*) AS loans, sum(outstanding_principal) AS owed FROM analytics.loan_position"
        " WHERE is_on_book GROUP BY 1, 2",
    )
    assert owed
    rows = {(row["legal_entity_id"], row["currency_code"]): row for row in rows_of(analytics_book, "v_regulatory_compliance_report")}
    for group in owed:
        row = rows[group["legal_entity_id"], group["currency_code"]]
        classes = ("performing", "substandard", "doubtful", "loss")
        assert row["active_loans"] == sum(row[f"{name}_loans"] for name in classes) == group["loans"]
        assert row["outstanding_principal"] == sum(row[f"{name}_amount"] for name in classes) == group["owed"]
    assert len(rows_of(analytics_book, "v_npl_classification")) == sum(group["loans"] for group in owed)


def test_movements_lead_from_the_last_month_end_to_today(analytics_book: URL) -> None:
    """What was provided at the month-end plus all movements is what is required today."""
    rows = rows_of(analytics_book, "v_provisioning_schedule")
    [then] = read(
        analytics_book,
        "SELECT sum(provision) AS amount FROM analytics.loan_provision"
        " WHERE period = (SELECT max(day) FROM analytics.published_day WHERE is_month_end)",
    )
    [now] = read(analytics_book, "SELECT sum(provision) AS amount FROM analytics.loan_provision WHERE period = 'infinity'")
    assert {row["previous_month_end"] for row in rows} == {MAY}
    assert sum(row["movement"] for row in rows) == now["amount"] - then["amount"] != 0


def test_what_leaves_a_stage_adds_up_to_what_was_in_it(analytics_book: URL) -> None:
    """The rows of a stage sum to 100 %, and their opening balance to what was on the book at the month-end before."""
    rows = rows_of(analytics_book, "v_stage_migration")
    shares: dict[tuple[Any, ...], Decimal] = {}
    opening: dict[date, Decimal] = {}
    for row in rows:
        origin = (row["month_end"], row["legal_entity_id"], row["currency_code"], row["from_stage"])
        shares[origin] = shares.get(origin, Decimal(0)) + row["pct_of_loans"]
        opening[row["previous_month_end"]] = opening.get(row["previous_month_end"], Decimal(0)) + row["opening_balance"]
    assert shares
    assert all(abs(share - 100) <= Decimal("0.05") for share in shares.values())
    for month in read(
        analytics_book,
        "SELECT snapshot_date, sum(outstanding_principal) AS owed FROM analytics.loan_daily_snapshot WHERE is_month_end"
        " AND status = 'active' GROUP BY 1",
    ):
        if month["snapshot_date"] in opening:
            assert opening[month["snapshot_date"]] == month["owed"]


def test_exactly_ninety_days_is_a_matter_of_the_operator(book: HandBook) -> None:
    """A loan at 90 days is watched where more than 90 count, substandard where 90 or more do."""
    loan = book.loan([(DAY - timedelta(days=90), "500.00"), (LATER, "500.00")])
    book.close_books()
    row = book.one("v_npl_classification", loan_id=loan)
    assert (row["dpd"], row["class"], row["stage"], row["reason"], row["operator"]) == (90, "watch", 2, None, "more_than")
    book.rows("UPDATE public.classification_rule SET operator = 'or_more' WHERE class = 'substandard'")
    row = book.one("v_npl_classification", loan_id=loan)
    assert (row["class"], row["stage"], row["reason"], row["operator"]) == ("substandard", 3, "dpd", "or_more")
    report = book.one("v_regulatory_compliance_report")
    assert (report["substandard_loans"], report["npl_ratio_pct"], report["npl_compliance_status"]) == (1, 100, "High NPL - Review Required")


def test_the_reason_says_which_rule_it_was(book: HandBook) -> None:
    """Days past due come first, then the obligor's other loans, then a judgement, then probation; stage 2 has reasons of its own."""
    late = book.loan([(DAY - timedelta(days=200), "500.00")])
    pulled = book.loan([(LATER, "500.00")])
    doubted = book.loan([(LATER, "500.00")], borrower=book.party())
    book.add("loan_flag", loan_id=doubted, flag="unlikely_to_pay", effective_from=MAY)
    cured = book.loan([(date(2026, 1, 10), "500.00"), (LATER, "500.00")], borrower=book.party())
    book.pay(cured, date(2026, 6, 10), "500.00", line=1)
    forborne = book.loan([(LATER, "500.00")], borrower=book.party())
    book.add("loan_flag", loan_id=forborne, flag="forborne", effective_from=MAY)
    slow = book.loan([(DAY - timedelta(days=31), "500.00")], borrower=book.party())
    book.close_books()
    rows = {row["loan_id"]: row for row in book.view("v_npl_classification")}
    said = {loan: tuple(rows[loan][name] for name in ("class", "stage", "reason", "stage_reason")) for loan in rows}
    assert said[late] == ("doubtful", 3, "dpd", "dpd")
    assert said[pulled] == ("substandard", 3, "obligor", "obligor")
    assert said[doubted] == ("substandard", 3, "unlikely_to_pay", "unlikely_to_pay")
    assert said[cured] == ("substandard", 3, "probation", "probation")
    assert rows[cured]["probation_ends_on"] == date(2026, 6, 10) + timedelta(days=179)
    assert said[forborne] == ("normal", 2, None, "forborne")
    assert said[slow] == ("watch", 2, None, "dpd")
    assert {row["rule_version"] for row in rows.values()} == {date(2020, 1, 1)}
    assert {row["needs_signoff"] for row in rows.values()} == {True}


def test_a_provision_covers_what_collateral_does_not(book: HandBook) -> None:
    """Exposure is what is owed plus half of what may be drawn; less security after its haircut, times the rate, is set aside."""
    loan = book.loan([(DAY - timedelta(days=100), "800.00")], disbursed="800.00", principal_amount="1000.00")
    for value, status, expiry in (("400.00", "active", None), ("900.00", "released", None), ("900.00", "active", DAY)):
        book.add(
            "security_interest", loan_id=loan, type="deposit", value_amount=value, value_ccy="SGD", haircut_pct="0.2500", status=status,
            expiry_date=expiry,
        )  # fmt: skip
    book.close_books()
    row = book.one("v_provisioning_schedule", loan_id=loan)
    assert (row["ead"], row["eligible_collateral"], row["base"], row["rate"]) == (900, 300, 600, Decimal("0.2"))
    assert (row["provision"], row["movement"], row["needs_signoff"]) == (120, 120, True)
    report = book.one("v_regulatory_compliance_report")
    assert (report["required_provisions"], report["provisioning_ratio_pct"], report["coverage_ratio_pct"]) == (120, 15, 15)
    assert (report["provisioning_status"], report["exposure_at_default"]) == ("High Provisioning Required", 900)
    book.add(
        "provision_rate", country_code="SG", product_category=book.value("SELECT category FROM public.product WHERE id = %s", PRODUCT),
        rate="0.3000", valid_from=MAY, source="board", needs_signoff=False, **{"class": "substandard"},
    )  # fmt: skip
    row = book.one("v_provisioning_schedule", loan_id=loan)
    assert (row["rate"], row["provision"], row["needs_signoff"]) == (Decimal("0.3"), 180, False)


def test_what_is_unknown_is_not_taken_for_nothing(book: HandBook) -> None:
    """Security without an exchange rate covers nothing and says so; a class without a rate leaves the provision unknown, and the total."""
    loan = book.loan([(DAY - timedelta(days=100), "800.00")])
    book.add("security_interest", loan_id=loan, type="deposit", value_amount="400.00", value_ccy="EUR")
    book.close_books()
    row = book.one("v_provisioning_schedule", loan_id=loan)
    assert (row["eligible_collateral"], row["base"], row["provision"]) == (None, 800, 160)
    assert book.one("v_regulatory_compliance_report")["eligible_collateral"] is None
    book.rows("DELETE FROM public.provision_rate WHERE class = 'substandard'")
    row = book.one("v_provisioning_schedule", loan_id=loan)
    assert (row["rate"], row["provision"], row["movement"], row["needs_signoff"]) == (None, None, None, False)
    report = book.one("v_regulatory_compliance_report")
    assert (report["required_provisions"], report["provisioning_status"], report["coverage_ratio_pct"]) == (None, None, None)


def test_loans_move_between_stages_and_off_the_book(book: HandBook) -> None:
    """From April to May one loan fell from stage 1 to 3, one is new, one was written off, and its provision is released."""
    fell = book.loan([(date(2026, 2, 20), "500.00"), (LATER, "500.00")])
    gone = book.loan([(LATER, "300.00")], borrower=book.party())
    book.add("loan_status_history", loan_id=gone, status_type="operational_status", status_value="written_off", effective_from="2026-05-10")
    book.rows("UPDATE public.loan SET status = 'written_off' WHERE id = %s", gone)
    book.loan([(LATER, "200.00")], start=date(2026, 5, 5), borrower=book.party())
    book.close_books()
    book.publish(date(2026, 3, 31), APRIL, MAY)
    book.refresh()
    rows = {(row["from_stage"], row["to_stage"]): row for row in book.view("v_stage_migration", month_end=MAY)}
    assert set(rows) == {("2", "3"), ("1", "written_off"), ("new", "1")}
    assert (rows["2", "3"]["opening_balance"], rows["2", "3"]["closing_balance"]) == (1000, 1000)
    assert (rows["2", "3"]["opening_provision"], rows["2", "3"]["closing_provision"]) == (10, 200)
    assert (rows["1", "written_off"]["loans"], rows["1", "written_off"]["closing_balance"]) == (1, 0)
    assert (rows["new", "1"]["opening_balance"], rows["new", "1"]["closing_balance"]) == (0, 200)
    assert {row["pct_of_loans"] for row in rows.values()} == {100}
    assert book.one("v_provisioning_schedule", loan_id=fell)["movement"] == 0
    book.pay(fell, date(2026, 6, 20), "1000.00")
    book.close_books()
    row = book.one("v_provisioning_schedule", loan_id=fell)
    assert (row["previous_provision"], row["provision"], row["movement"]) == (200, 0, -200)


def test_a_limit_holds_for_contracts_that_began_under_it(book: HandBook) -> None:
    """A product's limit is stronger than its category's; what began before a limit keeps the old one; amounts need a rate."""
    category = book.value("SELECT category FROM public.product WHERE id = %s", PRODUCT)
    rule: dict[str, Any] = {"country_code": "SG", "source": "policy", "needs_signoff": False}
    book.add("product_limit", product_category=category, max_amount="100.00", valid_from=date(2020, 1, 1), **rule)
    book.add("product_limit", product_id=PRODUCT, max_amount="900.00", max_tenor_months=24, max_rate="0.0900", valid_from=MAY, **rule)
    small = book.loan([(LATER, "100.00")], start=date(2026, 5, 1))
    large = book.loan([(LATER, "1000.00")], start=date(2026, 6, 1), borrower=book.party())
    foreign = book.loan([(LATER, "10.00")], start=date(2026, 5, 2), currency="USD", borrower=book.party())
    book.close_books()
    rows = {(row["subject_id"], row["limit_name"]): row for row in book.view("v_product_limit_breaches", subject_type="loan")}
    assert set(rows) == {(large, "max_amount"), (large, "max_rate"), (foreign, "max_amount")}
    assert not [row for key, row in rows.items() if key[0] == small]
    assert (rows[large, "max_amount"]["actual_value"], rows[large, "max_amount"]["breach"]) == (1000, 100)
    assert (rows[large, "max_rate"]["breach"], rows[large, "max_rate"]["currency_code"]) == (Decimal("0.01"), None)
    assert (rows[foreign, "max_amount"]["breach"], rows[foreign, "max_amount"]["is_rate_missing"]) == (None, True)


def test_an_obligor_may_not_be_too_much_of_the_book(book: HandBook) -> None:
    """Who owes more than a tenth of the book is listed with that share; who owes exactly a tenth is not."""
    book.loan([(LATER, "800.00")])
    for name in ("One", "Two"):
        book.loan([(LATER, "100.00")], borrower=book.party(name))
    book.close_books()
    row = book.one("v_product_limit_breaches")
    assert (row["subject_id"], row["limit_name"], row["limit_value"]) == (BORROWER, "large_exposure", Decimal("0.1"))
    assert (row["actual_value"], row["breach"], row["needs_signoff"]) == (Decimal("0.8"), Decimal("0.7"), True)
