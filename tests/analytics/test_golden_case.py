"""The golden pair in the kept views that no area reads it in: neither a note of 95 days nor a missing event moves a figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from rently_db.testing.databases import Databases
from tests.analytics.hand_book import BORROWER, SG, HandBook
from tests.analytics.stories import golden, story_book
from tests.oracle.histories import INSTRUMENT

AREAS = ("portfolio", "collections", "payment_health", "cash_flow", "risk", "regulatory", "currency", "cache")


@pytest.fixture(scope="module")
def pair(databases: Databases, head_template: str) -> Iterator[tuple[HandBook, str, str]]:
    """The closed books of the cured loan and the late one, of which each child row that carries no money is there three times."""
    with databases.database(template=head_template) as url, story_book(url, *AREAS) as book:
        cured, late = golden(book)
        for loan in (cured, late):
            for _ in range(3):
                document = book.add("document", title="Contract", kind="contract", storage_url="s3://contract")
                book.add("document_link", document_id=document, entity_type="loan", entity_id=loan)
        book.close_books()
        yield book, cured, late


Pair = tuple[HandBook, str, str]


def test_both_are_active_once(pair: Pair) -> None:
    """Each loan has one open operational status, whatever was noted of it."""
    book, cured, late = pair
    status = [(row["loan_id"], row["status_type"], row["status_value"]) for row in book.view("current_loan_status")]
    assert sorted(status) == sorted((loan, "operational_status", "active") for loan in (cured, late))


def test_what_is_overdue_is_no_inflow_of_a_month_to_come(pair: Pair) -> None:
    """Of both loans 1,000 fall due in December; the 100 that are late are expected in no month, and nothing is left to pay out."""
    rows = pair[0].view("v_monthly_cash_flow_analysis", currency_code="SGD")
    inflow = {row["month_start"]: (row["scheduled_inflow"], row["loans_with_payments"]) for row in rows if row["loans_with_payments"]}
    assert inflow == {date(2026, 12, 1): (2000, 2)}
    assert {row["projected_disbursements"] for row in rows} == {0}


def test_both_were_cases_and_one_is_resolved(pair: Pair) -> None:
    """Both went through the first two buckets; the cured one is resolved, 50 days late at most: nobody entered the bucket of the note."""
    rows = pair[0].view("v_collections_resolution_analysis")
    cases = {row["dpd_bucket"]: (row["total_collections_cases"], row["resolved_cases"], row["open_cases"]) for row in rows}
    assert cases == {"1-30 DPD": (2, 1, 1), "31-60 DPD": (2, 1, 1)}
    assert {(row["total_principal_in_collections"], row["resolved_principal"]) for row in rows} == {(2200, 1100)}


@pytest.mark.parametrize("kind", ["product_category", "business_unit", "country"])
def test_the_exposure_is_what_the_two_owe(pair: Pair, kind: str) -> None:
    """2,100, once, in each dimension."""
    row = pair[0].one("v_portfolio_concentration_analysis", concentration_type=kind)
    assert (row["loan_count"], row["total_exposure"], row["portfolio_concentration_pct"]) == (2, 2100, 100)


def test_each_borrower_is_as_large_as_its_loan(pair: Pair) -> None:
    """1,000 are 47.62 % of 2,100, and 1,100 are 52.38 %."""
    rows = pair[0].view("v_portfolio_concentration_analysis", concentration_type="borrower")
    shares = {row["concentration_value"] == BORROWER: (row["total_exposure"], row["portfolio_concentration_pct"]) for row in rows}
    assert shares == {True: (1000, Decimal("47.62")), False: (1100, Decimal("52.38"))}


def test_no_currency_is_at_risk(pair: Pair) -> None:
    """The whole book is in the company's own currency."""
    row = pair[0].one("v_currency_risk_analysis")
    found = (row["loan_count"], row["total_exposure_original_ccy"], row["total_exposure_functional_ccy"], row["fx_risk_level"])
    assert found == (2, 2100, 2100, "No FX Risk")


def test_a_regulator_sees_two_performing_loans(pair: Pair) -> None:
    """Neither 0 nor 40 days are non-performing, and a call is no legal action."""
    row = pair[0].one("v_regulatory_compliance_report", legal_entity_id=SG)
    assert (row["active_loans"], row["outstanding_principal"], row["performing_loans"], row["performing_amount"]) == (2, 2100, 2, 2100)
    assert (row["npl_ratio_pct"], row["legal_action_loans"], row["npl_compliance_status"]) == (0, 0, "Within Limits")


def test_the_group_sees_no_default(pair: Pair) -> None:
    """2,100 outstanding in the company's currency, nothing of it in default."""
    row = pair[0].one("v_consolidated_multi_currency_report", legal_entity_id=SG)
    found = (row["active_loans"], row["outstanding_original_ccy"], row["total_portfolio_functional_ccy"], row["default_original_ccy"])
    assert found == (2, 2100, 2100, 0)


def test_the_kept_caches_say_the_same(pair: Pair) -> None:
    """Days past due, balances, payments and events of each loan, under the names that other software reads."""
    book, cured, late = pair
    status = {row["loan_id"]: (row["dpd"], row["outstanding_principal"]) for row in book.view("mv_current_loan_status_realtime")}
    assert status == {cured: (0, 1000), late: (40, 1100)}
    portfolio = book.one("mv_portfolio_summary_realtime")
    assert (portfolio["loan_count"], portfolio["total_principal"], portfolio["outstanding_principal"]) == (2, 2200, 2100)
    paid = {
        row["loan_id"]: (row["payment_count"], row["principal_paid"], row["on_time_instalments"], row["avg_days_late"])
        for row in book.view("mv_payment_summary_detailed")
    }
    assert paid == {cured: (1, 100, 0, 50), late: (0, 0, 0, None)}
    events = book.one("mv_collections_summary_detailed", loan_id=cured)
    assert (events["events_count"], events["call_attempts"], events["legal_actions"]) == (1, 1, 0)


def test_an_instrument_is_listed_once(pair: Pair) -> None:
    """Two loans paid out with one instrument do not make it two."""
    assert [row["id"] for row in pair[0].view("active_payment_instruments")] == [INSTRUMENT]
