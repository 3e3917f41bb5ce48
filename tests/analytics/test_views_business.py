"""Business: what products earn, which customers come back, what becomes of leases that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import BORROWER, DAY, PRODUCT, SG, HandBook, hand_book
from tests.analytics.view_contracts import assert_contract, assert_unique, read, relations, rows_of

VIEWS = ("v_product_profitability", "v_customer_segment_performance", "v_lease_renewal_analysis")
LATER = date(2026, 12, 1)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with hand_book(head_url, relations("business")) as opened:
        yield opened


@pytest.mark.parametrize("view", VIEWS)
def test_the_header_describes_all_columns(analytics_book: URL, view: str) -> None:
    """Each column has its meaning, in the order in which a reader gets them."""
    assert_contract(analytics_book, view, "")


@pytest.mark.parametrize("view", relations("business"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    assert_unique(view, rows_of(analytics_book, view))


@pytest.mark.parametrize("view", relations("business"))
def test_a_new_company_has_no_business(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_products_earn_what_the_ledger_says(analytics_book: URL) -> None:
    """Income over all products and months is what the revenue accounts hold; each customer and loan is in a segment."""
    rows = rows_of(analytics_book, "v_product_profitability")
    assert rows
    [revenue] = read(
        analytics_book,
        "SELECT sum(CASE n.side WHEN 'credit' THEN n.amount ELSE -n.amount END) AS amount FROM public.ledger_entry AS n"
        " JOIN public.ledger_account AS a ON a.id = n.account_id WHERE a.type = 'revenue'",
    )
    assert sum(row["income"] for row in rows) == revenue["amount"]
    assert all(row["net"] == row["income"] - row["provision_charge"] - row["loss"] for row in rows)
    [lent] = read(
        analytics_book,
        "SELECT count(*) AS loans, sum(outstanding_principal) FILTER (WHERE is_on_book) AS glp FROM analytics.loan_position"
        " WHERE first_disbursed_on IS NOT NULL OR transferred_in > 0",
    )
    segments = rows_of(analytics_book, "v_customer_segment_performance")
    assert sum(row["loans"] for row in segments) == lent["loans"]
    assert sum(row["glp"] for row in segments) == lent["glp"]


def test_the_result_of_a_product_comes_from_its_accounts(book: HandBook) -> None:
    """Income less charge less losses, by the product of the entry's loan; the yield is a year's income over the mean of two month-ends."""
    codes = {"1000": "asset", "4000": "revenue", "4100": "revenue", "4200": "revenue", "5000": "expense", "5100": "expense"}
    named = {code: book.add("ledger_account", legal_entity_id=SG, code=code, name=code, type=kind) for code, kind in codes.items()}
    loan = book.loan([(LATER, "1200.00")], start=date(2026, 4, 15))

    def post(debit: str, credit: str, amount: str, **row: Any) -> None:
        journal = book.add("journal_entry", legal_entity_id=SG, effective_date=date(2026, 5, 10), description="booking")
        for code, side in ((debit, "debit"), (credit, "credit")):
            book.add(
                "ledger_entry", journal_id=journal, legal_entity_id=SG, account_id=named[code], currency_code="SGD", amount=amount,
                side=side, entry_date=date(2026, 5, 10), **row,
            )  # fmt: skip

    post("1000", "4000", "20.00", loan_id=loan)
    post("1000", "4100", "10.00", loan_id=loan)
    post("1000", "4200", "5.00", loan_id=loan)
    post("4000", "1000", "3.00", loan_id=loan)
    post("5100", "1000", "4.00", loan_id=loan)
    post("5000", "1000", "1.00", loan_id=loan)
    post("1000", "4000", "7.00")
    book.close_books()
    rows = {row["product_code"]: row for row in book.view("v_product_profitability", month_start=date(2026, 5, 1))}
    code = book.value("SELECT code FROM public.product WHERE id = %s", PRODUCT)
    row = rows[code]
    assert (row["fee_income"], row["interest_income"], row["other_income"], row["income"]) == (17, 10, 5, 32)
    assert (row["provision_charge"], row["loss"], row["net"]) == (4, 1, 27)
    assert (row["avg_glp"], row["yield_on_avg_glp_pct"]) == (None, None)
    assert (rows["(none)"]["income"], rows["(none)"]["product_category"]) == (7, None)
    book.publish(date(2026, 4, 30), date(2026, 5, 31))
    book.refresh()
    row = book.one("v_product_profitability", month_start=date(2026, 5, 1), product_code=code)
    assert (row["avg_glp"], row["yield_on_avg_glp_pct"]) == (1200, 32)
    assert book.one("v_product_profitability", month_start=date(2026, 4, 1))["avg_glp"] is None


def test_who_comes_back_is_a_repeat_customer_once(book: HandBook) -> None:
    """One of two customers took two loans: half of them came back, however many payments they made."""
    loans = [book.loan([(DAY - timedelta(days=31), "100.00"), (LATER, "300.00")]) for _ in range(2)]
    book.loan([(LATER, "200.00")], borrower=book.party())
    book.loan([(LATER, "500.00")], borrower=book.party(), disbursed="0")  # not paid out: no customer yet
    payment = book.cash(date(2026, 3, 1), "60.00")
    for loan, component in ((loans[0], "rc_fee"), (loans[1], "penalty")):
        book.add("payment_allocation", payment_id=payment, loan_id=loan, component=component, allocated_amount="30.00")
    book.close_books()
    rows = book.view("v_customer_segment_performance")
    kinds = {BORROWER: book.value("SELECT kind FROM public.party WHERE id = %s", BORROWER)}
    own = [row for row in rows if row["borrower_type"] == kinds[BORROWER]]
    assert sum(row["loans"] for row in rows) == 3
    assert sum(row["customers"] for row in rows) == 2
    assert sum(row["repeat_customers"] for row in rows) == 1
    assert sum(row["lifetime_income"] for row in own) == 60
    assert sum(row["glp"] for row in rows) == 1000
    assert sum(row["par30_amount"] for row in own) == 800


def test_a_lease_ends_in_one_of_four_ways(book: HandBook) -> None:
    """Renewed by a transfer or by a child of the same contract, moved by one of another, lost after 60 days, else still open."""
    ended, recent = date(2026, 3, 31), date(2026, 6, 15)

    def lease(end: date, **row: Any) -> str:
        return book.loan([(LATER, "500.00")], start=date(2025, 6, 1), lease_start_date=date(2025, 6, 1), lease_end_date=end, **row)

    by_transfer, by_child, moved, refinanced = (lease(ended, property_contract_id=f"L-{n}") for n in range(4))
    lease(ended)
    lease(recent)
    book.add(
        "loan_transfers", source_loan_id=by_transfer, transfer_type="lease_renewal", transfer_amount="1.00",
        transfer_date=date(2026, 4, 2), status="completed",
    )  # fmt: skip
    book.loan([(LATER, "500.00")], start=date(2026, 4, 1), parent_loan_id=by_child, property_contract_id="L-1")
    book.loan([(LATER, "500.00")], start=date(2026, 4, 1), parent_loan_id=moved, property_contract_id="L-9")
    other = book.loan([(LATER, "500.00")], start=date(2026, 4, 1), parent_loan_id=refinanced, property_contract_id="L-3")
    book.add(
        "loan_transfers", source_loan_id=refinanced, target_loan_id=other, transfer_type="refinance", transfer_amount="1.00",
        transfer_date=date(2026, 4, 1), status="completed",
    )  # fmt: skip
    book.close_books()
    rows = {row["lease_end_month"]: row for row in book.view("v_lease_renewal_analysis")}
    march = rows[date(2026, 3, 1)]
    assert (march["ending"], march["renewed"], march["moved"], march["churned"], march["pending"]) == (5, 2, 1, 2, 0)
    assert (march["renewed_pct"], march["moved_pct"], march["churned_pct"]) == (40, 20, Decimal(40))
    june = rows[date(2026, 6, 1)]
    assert (june["ending"], june["pending"], june["renewed_pct"]) == (1, 1, None)
