"""Currencies and the ledger: rates, the consolidated book, the trial balance, what the ledger says of loans, revaluation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import DAY, SG, HandBook, hand_book
from tests.analytics.view_contracts import assert_contract, assert_unique, read, relations, rows_of, types_of

CONTRACTS = {
    "v_consolidated_multi_currency_report": "legal_entity_name functional_ccy total_portfolio_functional_ccy total_default_functional_ccy"
    " loan_currency active_loans outstanding_original_ccy outstanding_functional_ccy default_original_ccy default_functional_ccy"
    " fx_rate_to_functional fx_rate_date currency_exposure_pct default_rate_by_currency_pct fx_risk_assessment",
    "v_fx_rate_daily": "",
    "v_ledger_trial_balance": "",
    "v_ledger_subledger_reconciliation": "",
    "v_fx_revaluation": "",
}
LATER = date(2026, 12, 1)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with hand_book(head_url, relations("currency")) as opened:
        yield opened


def rate(book: HandBook, day: date, value: str, source: str = "USD", target: str = "SGD") -> None:
    """A quotation."""
    book.rows(
        "INSERT INTO public.fx_rate (as_of_date, from_ccy, to_ccy, rate, source) VALUES (%s, %s, %s, %s, 'MAS')", day, source, target, value
    )


def accounts(book: HandBook) -> dict[str, str]:
    """The accounts of the Singapore company by code."""
    kinds = {"1000": "asset", "1100": "asset", "3000": "equity", "4000": "revenue"}
    return {code: book.add("ledger_account", legal_entity_id=SG, code=code, name=code, type=kind) for code, kind in kinds.items()}


def post(book: HandBook, debit: str, credit: str, amount: str, day: date, *, currency: str = "SGD", **row: Any) -> None:
    """A booking with two sides."""
    journal = book.add("journal_entry", legal_entity_id=SG, effective_date=day, description="booking")
    for account, side in ((debit, "debit"), (credit, "credit")):
        book.add(
            "ledger_entry", journal_id=journal, legal_entity_id=SG, account_id=account, currency_code=currency, amount=amount, side=side,
            entry_date=day, **row,
        )  # fmt: skip


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types; what ends in _ccy may be an amount."""
    assert_contract(analytics_book, view, "")
    types = types_of(analytics_book, view)
    columns = CONTRACTS[view].split()
    assert list(types)[: len(columns)] == columns
    for column in columns:
        if column in {"functional_ccy", "loan_currency"}:
            assert types[column] == "character"
        elif column.endswith(("_ccy", "_pct", "_functional")):
            assert types[column] == "numeric"
    assert types.get("active_loans") in {"bigint", None}


@pytest.mark.parametrize("view", relations("currency"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", [name for name in relations("currency") if name != "v_fx_rate_daily"])
def test_a_new_company_reports_nothing(head_url: URL, view: str) -> None:
    """Before the first loan and the first booking the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_the_trial_balance_balances_every_month(analytics_book: URL) -> None:
    """Each month opens where the last one closed, debits equal credits, and balances of a company and currency add up to nothing."""
    opening: dict[tuple[Any, ...], Decimal] = {}
    sums: dict[tuple[Any, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    rows = sorted(rows_of(analytics_book, "v_ledger_trial_balance"), key=lambda row: row["month_start"])
    assert rows
    for row in rows:
        account = (row["legal_entity_id"], row["account_id"], row["currency_code"])
        assert row["opening"] == opening.get(account, 0)
        assert row["closing"] == row["opening"] + row["debit"] - row["credit"]
        opening[account] = row["closing"]
        month = sums[row["legal_entity_id"], row["currency_code"], row["month_start"]]
        sums[row["legal_entity_id"], row["currency_code"], row["month_start"]] = [
            month[0] + row["opening"], month[1] + row["debit"] - row["credit"], month[2] + row["closing"],
        ]  # fmt: skip
    [all_entries] = read(analytics_book, "SELECT count(*) AS entries, sum(amount) AS amount FROM public.ledger_entry")
    assert all_entries["entries"] == sum(row["entries"] for row in rows)
    assert all_entries["amount"] == sum(row["debit"] + row["credit"] for row in rows)
    unbalanced = read(
        analytics_book,
        "SELECT legal_entity_id, currency_code, date_trunc('month', entry_date)::date AS month FROM public.ledger_entry"
        " GROUP BY 1, 2, 3 HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0",
    )
    first_fault: dict[tuple[Any, ...], date] = {}
    for fault in unbalanced:
        group = (fault["legal_entity_id"], fault["currency_code"])
        first_fault[group] = min(fault["month"], first_fault.get(group, fault["month"]))
    sound = [group for group in sums if group[2] < first_fault.get(group[:2], date.max)]
    assert sound
    assert all(sums[group] == [0, 0, 0] for group in sound)


def test_every_pair_has_a_row_for_every_day(analytics_book: URL) -> None:
    """Rates are dense: a day without quotation carries the last one, with its age; too old a one is missing, never 1."""
    rows = rows_of(analytics_book, "v_fx_rate_daily")
    codes = {row["from_currency"] for row in rows}
    assert len(rows) == 400 * len(codes) * (len(codes) - 1)
    assert {row["rate_day"] for row in rows} == {DAY - timedelta(days=ago) for ago in range(400)}
    assert {row["method"] for row in rows} == {"direct", "inverse", "cross", None}
    for row in rows:
        assert row["is_missing"] == (row["rate"] is None) == (row["age_days"] is None)
        assert row["rate"] != 1
        assert row["rate"] is None or 0 <= row["age_days"] <= 7
    # Of the euro there is one quotation, which holds for a week.
    euro = {row["rate_day"] for row in rows if "EUR" in {row["from_currency"], row["to_currency"]} and not row["is_missing"]}
    assert euro == {date(2026, 3, 29) + timedelta(days=age) for age in range(8)}


def test_the_book_is_told_in_three_currencies(book: HandBook) -> None:
    """1,000 dollars at 1.25 are 1,250 Singapore dollars, and 55.56 % of a book of 2,250; half of them are in default."""
    rate(book, DAY, "1.25")
    book.loan([(LATER, "1000.00")])
    book.loan([(LATER, "500.00")], currency="USD", borrower=book.party())
    book.loan([(DAY - timedelta(days=100), "500.00")], currency="USD", borrower=book.party())
    book.close_books()
    rows = {row["loan_currency"]: row for row in book.view("v_consolidated_multi_currency_report")}
    dollar = rows["USD"]
    assert (dollar["outstanding_original_ccy"], dollar["outstanding_functional_ccy"], dollar["outstanding_group_ccy"]) == (1000, 1250, 1250)
    assert (dollar["fx_rate_to_functional"], dollar["fx_rate_date"], dollar["fx_method"]) == (Decimal("1.25"), DAY, "direct")
    assert (dollar["default_functional_ccy"], dollar["default_rate_by_currency_pct"]) == (625, 50)
    assert dollar["currency_exposure_pct"] == Decimal("55.56")
    for row in rows.values():
        assert (row["total_portfolio_functional_ccy"], row["total_default_functional_ccy"]) == (2250, 625)
        assert row["is_rate_missing"] is False
    assert (rows["SGD"]["fx_method"], rows["SGD"]["fx_risk_assessment"]) == ("identity", "No FX Risk")


@pytest.mark.parametrize(("before", "label"), [("1.25", "Low"), ("1.45", "Medium"), ("2.25", "High")])
def test_volatility_decides_the_risk_of_a_currency(book: HandBook, before: str, label: str) -> None:
    """A rate that did not move is of low volatility, one that jumped in the last 90 days of a higher one."""
    for ago in range(90):
        rate(book, DAY - timedelta(days=ago), "1.25" if ago < 45 else before)
    book.loan([(LATER, "500.00")], currency="USD")
    book.close_books()
    row = book.one("v_consolidated_multi_currency_report")
    assert row["fx_risk_assessment"] == f"{label} FX Volatility"
    assert book.one("fx_volatility")["days"] == 90


def test_a_missing_rate_makes_every_total_unknown(book: HandBook) -> None:
    """Without a rate the amount is unknown, and so is each total over it; the missing pair is listed."""
    book.loan([(LATER, "1000.00")])
    book.loan([(LATER, "500.00")], currency="USD", borrower=book.party())
    rate(book, DAY - timedelta(days=8), "1.25")
    book.close_books()
    rows = {row["loan_currency"]: row for row in book.view("v_consolidated_multi_currency_report")}
    assert (rows["USD"]["outstanding_functional_ccy"], rows["USD"]["fx_rate_to_functional"], rows["USD"]["fx_method"]) == (None, None, None)
    assert {row["total_portfolio_functional_ccy"] for row in rows.values()} == {None}
    assert {row["currency_exposure_pct"] for row in rows.values()} == {None}
    assert (rows["USD"]["is_rate_missing"], rows["SGD"]["is_rate_missing"]) == (True, False)
    row = book.one("v_fx_rate_daily", rate_day=DAY, from_currency="USD", to_currency="SGD")
    assert (row["rate"], row["method"], row["is_missing"]) == (None, None, True)
    row = book.one("v_fx_rate_daily", rate_day=DAY - timedelta(days=1), from_currency="SGD", to_currency="USD")
    assert (row["rate"], row["method"], row["age_days"]) == (Decimal("0.8"), "inverse", 7)


def test_two_quotations_make_a_cross_as_old_as_the_older(book: HandBook) -> None:
    """A dirham is 0.3125 Singapore dollars if a dollar is 4 dirhams and 1.25 Singapore dollars; its date is the older of the two."""
    rate(book, DAY, "1.25")
    rate(book, DAY - timedelta(days=3), "4", target="AED")
    book.loan([(LATER, "1000.00")])
    book.loan([(LATER, "1000.00")], currency="AED", borrower=book.party())
    book.close_books()
    row = book.one("v_fx_rate_daily", rate_day=DAY, from_currency="AED", to_currency="SGD")
    assert (row["rate"], row["method"], row["rate_date"], row["age_days"]) == (Decimal("0.3125"), "cross", DAY - timedelta(days=3), 3)
    row = book.one("v_consolidated_multi_currency_report", loan_currency="AED")
    assert (row["outstanding_functional_ccy"], row["fx_method"]) == (Decimal("312.50"), "cross")


def test_breaks_between_ledger_and_loans_are_seen_though_they_cancel(book: HandBook) -> None:
    """Two loans booked for each other's amount sum up right, and are listed as two breaks."""
    named = accounts(book)
    first = book.loan([(LATER, "1000.00")])
    second = book.loan([(LATER, "400.00")], borrower=book.party())
    post(book, named["1100"], named["1000"], "400.00", date(2026, 1, 1), loan_id=first)
    post(book, named["1100"], named["1000"], "1000.00", date(2026, 1, 1), loan_id=second)
    book.close_books()
    row = book.one("v_ledger_subledger_reconciliation")
    assert (row["gl"], row["subledger"], row["difference"]) == (1400, 1400, 0)
    assert (row["broken_loans"], row["broken_amount"], row["is_reconciled"]) == (2, 1200, False)
    assert {row["loan_id"]: row["difference"] for row in book.view("ledger_loan_balance")} == {first: -600, second: 600}
    post(book, named["1100"], named["1000"], "600.00", DAY, loan_id=first)
    post(book, named["1000"], named["1100"], "600.00", DAY, loan_id=second)
    post(book, named["1100"], named["1000"], "7.00", DAY)
    post(book, named["1100"], named["1000"], "50.00", DAY + timedelta(days=1))
    book.refresh()
    row = book.one("v_ledger_subledger_reconciliation")
    assert (row["difference"], row["unassigned_gl"], row["broken_loans"], row["is_reconciled"]) == (7, 7, 0, False)
    book.rows("UPDATE public.analytics_setting SET value = '[\"9999\"]' WHERE key = 'loan_receivable_account_codes'")
    book.refresh()
    assert book.one("v_ledger_subledger_reconciliation")["gl"] == 0


def test_foreign_balances_are_worth_what_the_closing_rate_says(book: HandBook) -> None:
    """1,000 dollars booked at 1.30 and worth 1.40 at the month-end are an unrealised gain of 100, of which income accounts know nothing."""
    named = accounts(book)
    for day, value in ((date(2026, 4, 10), "1.30"), (date(2026, 4, 30), "1.40"), (date(2026, 5, 31), "1.35"), (DAY, "1.35")):
        rate(book, day, value)
    post(book, named["1000"], named["4000"], "1000.00", date(2026, 4, 10), currency="USD")
    book.close_books()
    rows = {row["month_end"]: row for row in book.view("v_fx_revaluation")}
    assert set(rows) == {date(2026, 4, 30), date(2026, 5, 31), DAY}
    april, may = rows[date(2026, 4, 30)], rows[date(2026, 5, 31)]
    assert (april["balance_ccy"], april["booked_fn"], april["revalued_fn"], april["gain_loss"]) == (1000, 1300, 1400, 100)
    assert (april["change_in_month"], may["gain_loss"], may["change_in_month"]) == (100, 50, -50)
    assert (rows[DAY]["change_in_month"], rows[DAY]["is_rate_missing"]) == (0, False)
    post(book, named["1000"], named["4000"], "1.00", date(2026, 5, 15), currency="USD")
    book.refresh()
    rows = {row["month_end"]: row for row in book.view("v_fx_revaluation")}
    assert rows[date(2026, 4, 30)]["gain_loss"] == 100
    assert (rows[date(2026, 5, 31)]["booked_fn"], rows[date(2026, 5, 31)]["gain_loss"]) == (None, None)
    assert rows[date(2026, 5, 31)]["is_rate_missing"] is True
