"""Risk: who owes how much, how concentrated it is, in which currencies, what covers it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import URL

from tests.analytics.hand_book import BORROWER, DAY, HandBook, hand_book
from tests.analytics.view_contracts import assert_contract, assert_unique, double_unrelated, read, relations, rows_of
from tests.oracle.histories import PARTIES

CONTRACTS = {
    "v_portfolio_concentration_analysis": "concentration_type concentration_value currency_code loan_count total_exposure avg_loan_size"
    " portfolio_concentration_pct concentration_risk_level",
    "v_currency_risk_analysis": "legal_entity_name entity_functional_currency loan_currency loan_count total_exposure_original_ccy"
    " total_exposure_functional_ccy currency_exposure_pct fx_risk_level hedging_recommendation",
    "v_counterparty_risk_assessment": "borrower_id borrower_name party_type total_loans active_loans written_off_loans total_exposure"
    " active_exposure avg_interest_rate_pct relationship_start relationship_days has_current_default legal_actions_count total_payments"
    " avg_days_late on_time_payment_rate_pct max_dpd_reached risk_rating",
    "v_concentration_index": "",
    "v_obligor_exposure": "",
    "v_collateral_coverage": "",
    "v_agent_performance": "",
}
LATER = date(2026, 12, 1)


@pytest.fixture
def book(head_url: URL) -> Iterator[HandBook]:
    """A book to be written by hand."""
    with hand_book(head_url, relations("risk")) as opened:
        yield opened


def add_rates(book: HandBook) -> None:
    """A dollar is 1.25 Singapore dollars, and 4 dirhams; so 3.2 dirhams are a Singapore dollar."""
    for currency, rate in (("SGD", "1.25"), ("AED", "4")):
        book.rows(
            "INSERT INTO public.fx_rate (as_of_date, from_ccy, to_ccy, rate, source) VALUES (%s, 'USD', %s, %s, 'MAS')", DAY, currency, rate
        )


@pytest.mark.parametrize("view", CONTRACTS)
def test_columns_of_the_contract_come_first(analytics_book: URL, view: str) -> None:
    """Other software finds the columns it reads, in their order and of their types."""
    assert_contract(analytics_book, view, CONTRACTS[view])


@pytest.mark.parametrize("view", relations("risk"))
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view has one row for each of its declared keys."""
    rows = rows_of(analytics_book, view)
    assert rows
    assert_unique(view, rows)


@pytest.mark.parametrize("view", CONTRACTS)
def test_a_new_company_has_no_risk(head_url: URL, view: str) -> None:
    """Before the first loan the views are empty, and no error."""
    assert rows_of(head_url, view) == []


def test_money_does_not_depend_on_events_and_documents(analytics_copy: URL) -> None:
    """Twice the collections events and documents change nothing but how many legal actions are counted."""

    def figures() -> dict[str, list[str]]:
        return {
            view: sorted(str({k: v for k, v in row.items() if k != "legal_actions_count"}) for row in rows_of(analytics_copy, view))
            for view in CONTRACTS
        }

    before = figures()
    double_unrelated(analytics_copy)
    assert figures() == before


def test_each_dimension_adds_up_to_the_whole_book(analytics_book: URL) -> None:
    """Exposure by category, unit, currency or borrower is the outstanding principal on the book, once."""
    [book] = read(analytics_book, "SELECT count(*) AS loans FROM analytics.loan_position WHERE is_on_book AND outstanding_principal > 0")
    rows = rows_of(analytics_book, "v_concentration_index")
    for dimension in ("product_category", "business_unit", "country", "currency", "borrower"):
        assert sum(row["loan_count"] for row in rows if row["dimension"] == dimension) == book["loans"]
    assert sum(row["loans"] for row in rows_of(analytics_book, "v_obligor_exposure")) == book["loans"]
    assert len(rows_of(analytics_book, "v_collateral_coverage")) == book["loans"]
    currencies = rows_of(analytics_book, "v_currency_risk_analysis")
    owed = read(
        analytics_book,
        "SELECT currency_code, sum(outstanding_principal) AS owed FROM analytics.loan_position WHERE is_on_book GROUP BY 1"
        " HAVING sum(outstanding_principal) > 0",
    )
    for row in owed:
        assert row["owed"] == sum(c["total_exposure_original_ccy"] for c in currencies if c["loan_currency"] == row["currency_code"])


def test_concentration_lies_between_one_in_n_and_one(analytics_book: URL) -> None:
    """The index is 1/n for n equal members and 1 for one; larger groups hold larger shares."""
    rows = [row for row in rows_of(analytics_book, "v_concentration_index") if row["hhi"] is not None]
    assert rows
    for row in rows:
        assert round(Decimal(1) / row["members"], 10) <= row["hhi"] <= 1
        assert 0 < row["top1_share"] <= row["top5_share"] <= row["top10_share"] <= row["top20_share"] <= 1
        assert abs(row["effective_n"] - 1 / row["hhi"]) < Decimal("0.01")


def test_equal_members_give_one_in_n(book: HandBook) -> None:
    """Four borrowers who owe the same are as concentrated as four."""
    for number in range(4):
        book.loan([(LATER, "250.00")], borrower=book.party(f"Firm {number}"))
    book.close_books()
    row = book.one("v_concentration_index", dimension="borrower")
    assert (row["members"], row["hhi"], row["effective_n"], row["top1_share"]) == (4, Decimal("0.25"), 4, Decimal("0.25"))


def test_two_parties_of_one_name_are_two(book: HandBook) -> None:
    """Two firms called alike are two concentrations; two firms of one group are one."""
    first, second = book.party("Ahmed Ali"), book.party("Ahmed Ali")
    head = book.party("Head")
    member = book.party("Member", obligor_group_id=head)
    for borrower in (first, second, head, member):
        book.loan([(LATER, "250.00")], borrower=borrower)
    book.close_books()
    rows = {row["concentration_value"]: row for row in book.view("v_portfolio_concentration_analysis", concentration_type="borrower")}
    assert {value: row["portfolio_concentration_pct"] for value, row in rows.items()} == {first: 25, second: 25, head: 50}
    assert rows[head]["loan_count"] == 2
    assert {row["concentration_risk_level"] for row in rows.values()} == {"Low Risk", "Medium Risk"}
    assert rows[head]["needs_signoff"] is True


def test_exposure_is_what_is_owed_not_what_was_lent(book: HandBook) -> None:
    """A loan of 1,000 of which 900 are paid exposes to 100."""
    loan = book.loan([(date(2026, 5, 1), "900.00"), (LATER, "100.00")])
    book.pay(loan, date(2026, 5, 1), "900.00", line=1)
    book.close_books()
    row = book.one("v_portfolio_concentration_analysis", concentration_type="product_category")
    assert (row["total_exposure"], row["concentration_risk_level"]) == (100, "High Risk")


def test_a_missing_rate_makes_totals_unknown(book: HandBook) -> None:
    """Without a rate an exposure is unknown, and so is every share of which it is a part; it is never taken at 1."""
    book.loan([(LATER, "1000.00")])
    book.loan([(LATER, "1000.00")], currency="USD", borrower=book.party("Dollar"))
    book.close_books()
    rows = {row["loan_currency"]: row for row in book.view("v_currency_risk_analysis")}
    assert rows["SGD"]["total_exposure_functional_ccy"] == 1000
    assert (rows["SGD"]["currency_exposure_pct"], rows["SGD"]["fx_risk_level"]) == (None, "No FX Risk")
    assert (rows["USD"]["total_exposure_original_ccy"], rows["USD"]["total_exposure_functional_ccy"]) == (1000, None)
    assert (rows["USD"]["currency_exposure_pct"], rows["USD"]["fx_risk_level"], rows["USD"]["hedging_recommendation"]) == (None, None, None)
    unknown = book.one("v_portfolio_concentration_analysis", concentration_type="product_category")
    assert (unknown["total_exposure"], unknown["portfolio_concentration_pct"], unknown["concentration_risk_level"]) == (None, None, None)
    assert book.one("v_concentration_index", dimension="borrower")["hhi"] is None
    assert {row["total_exposure"] for row in book.view("v_counterparty_risk_assessment")} == {1000, None}
    assert {row["is_large_exposure"] for row in book.view("v_obligor_exposure")} == {None}
    assert {row["uncovered"] for row in book.view("v_collateral_coverage")} == {1000, None}
    add_rates(book)
    rows = {row["loan_currency"]: row for row in book.view("v_currency_risk_analysis")}
    assert (rows["USD"]["total_exposure_functional_ccy"], rows["USD"]["currency_exposure_pct"]) == (1250, Decimal("55.56"))
    assert (rows["USD"]["fx_risk_level"], rows["USD"]["hedging_recommendation"]) == ("High FX Risk", "Consider Hedging")


def test_the_rating_follows_conduct_not_notes(book: HandBook) -> None:
    """The golden case: a note of 95 days on a cured loan counts for nothing; 40 days late without any note count."""
    late_party, bad_party, new_party = book.party("Late"), book.party("Bad"), book.party("New")
    cured = book.loan([(date(2026, 3, 1), "500.00"), (LATER, "500.00")])
    book.pay(cured, date(2026, 3, 3), "500.00", line=1)
    book.add("collections_event", loan_id=cured, event_type="legal_notice", event_at="2026-03-02", dpd_snapshot=95)
    book.loan([(DAY - timedelta(days=40), "500.00"), (LATER, "500.00")], borrower=late_party)
    book.loan([(DAY - timedelta(days=100), "500.00")], borrower=bad_party)
    book.loan([(LATER, "500.00")], borrower=new_party)
    book.close_books()
    rows = {row["borrower_id"]: row for row in book.view("v_counterparty_risk_assessment")}

    def said(party: str) -> tuple[Any, ...]:
        return tuple(rows[party][name] for name in ("max_dpd_reached", "has_current_default", "risk_rating", "active_exposure"))

    assert said(BORROWER) == (1, 0, "Medium Risk", 500)  # unsettled for one day, settled on the second: 0 % on time
    assert said(late_party) == (40, 0, "Medium Risk", 1000)
    assert said(bad_party) == (100, 1, "High Risk", 500)
    assert said(new_party) == (0, 0, "Minimal Risk", 500)
    assert (rows[BORROWER]["legal_actions_count"], rows[BORROWER]["avg_days_late"]) == (1, 2)


def test_one_late_payment_among_many_is_a_low_risk(book: HandBook) -> None:
    """Ninety percent on time is no medium risk, yet it is not the best rating."""
    days = [date(2026, 1, 10) + timedelta(days=10 * number) for number in range(10)]
    loan = book.loan([(day, "100.00") for day in days])
    for number, day in enumerate(days, 1):
        book.pay(loan, day + timedelta(days=number == 10), "100.00", line=number)
    book.close_books()
    row = book.one("v_counterparty_risk_assessment")
    assert (row["on_time_payment_rate_pct"], row["risk_rating"], row["rating_sort"], row["total_payments"]) == (90, "Low Risk", 4, 10)


def test_two_loans_of_a_borrower_are_not_multiplied_by_events_and_payments(book: HandBook) -> None:
    """Exposure of 2,000 stays 2,000 with three payments, two legal actions and a guarantee on the loans."""
    loans = [book.loan([(date(2026, 5, 1), "100.00"), (LATER, "1000.00")]) for _ in range(2)]
    for loan in loans:
        book.pay(loan, date(2026, 4, 30), "60.00", line=1)
        book.pay(loan, date(2026, 5, 1), "40.00", line=1)
        book.add("collections_event", loan_id=loan, event_type="court_filing", event_at="2026-05-02")
        book.add("collections_event", loan_id=loan, event_type="lawyer_letter", event_at="2026-05-03")
        book.add("security_interest", loan_id=loan, type="guarantee", party_id=PARTIES[1], value_amount="300.00", value_ccy="SGD")
    book.close_books()
    row = book.one("v_counterparty_risk_assessment")
    assert (row["total_loans"], row["total_exposure"], row["active_exposure"]) == (2, 2000, 2000)
    assert (row["legal_actions_count"], row["total_payments"]) == (4, 4)


def test_an_obligor_stands_for_its_group_and_its_guarantees(book: HandBook) -> None:
    """A group owes the loans of all its members, and what it guarantees for others, at most what these owe."""
    head = book.party("Head")
    member = book.party("Member", obligor_group_id=head)
    book.loan([(LATER, "1000.00")], borrower=head)
    book.loan([(DAY - timedelta(days=100), "400.00")], borrower=member)
    other = book.loan([(LATER, "500.00")])
    book.add("security_interest", loan_id=other, type="guarantee", party_id=member, value_amount="800.00", value_ccy="SGD")
    own = book.loan([(LATER, "100.00")], borrower=head)
    book.add("security_interest", loan_id=own, type="guarantee", party_id=member, value_amount="100.00", value_ccy="SGD")
    expired = book.loan([(LATER, "500.00")], borrower=book.party("Third"))
    book.add("security_interest", loan_id=expired, type="guarantee", party_id=head, value_amount="90.00", expiry_date=DAY)
    book.close_books()
    row = book.one("v_obligor_exposure", obligor_id=head)
    assert (row["members"], row["loans"], row["exposure"]) == (2, 3, 1500)
    assert (row["guaranteed_loans"], row["guaranteed"], row["total_exposure"]) == (1, 500, 2000)
    assert (row["dpd_obligor"], row["is_default"], row["loans_in_default"], row["cross_default_loans"]) == (100, True, 3, 2)
    assert (row["pct_of_book"], row["is_large_exposure"], row["needs_signoff"]) == (60, True, True)


def test_collateral_counts_after_haircut_in_the_companys_currency(book: HandBook) -> None:
    """A dollar deposit of 400 less a quarter is 375 Singapore dollars of cover; what is released or expired covers nothing."""
    add_rates(book)
    loan = book.loan([(LATER, "1000.00")])
    book.add("security_interest", loan_id=loan, type="deposit", value_amount="400.00", value_ccy="USD", haircut_pct="0.2500")
    book.add("security_interest", loan_id=loan, type="vehicle", value_amount="900.00", value_ccy="SGD", status="released")
    book.add("security_interest", loan_id=loan, type="vehicle", value_amount="900.00", value_ccy="SGD", expiry_date=DAY)
    bare = book.loan([(LATER, "100.00")])
    book.close_books()
    row = book.one("v_collateral_coverage", loan_id=loan)
    assert (row["securities"], row["gross_collateral_fn"], row["collateral_fn"], row["uncovered"]) == (1, 500, 375, 625)
    assert (row["ltv_pct"], row["coverage_pct"], row["needs_signoff"]) == (200, Decimal("37.50"), False)
    row = book.one("v_collateral_coverage", loan_id=bare)
    assert (row["collateral_fn"], row["ltv_pct"], row["uncovered"]) == (0, None, 100)
    book.rows("UPDATE public.security_interest SET value_ccy = 'EUR', haircut_pct = NULL WHERE type = 'deposit'")
    row = book.one("v_collateral_coverage", loan_id=loan)
    assert (row["collateral_fn"], row["uncovered"], row["needs_signoff"]) == (None, None, True)


def test_an_agent_answers_for_the_loans_that_he_brought(book: HandBook) -> None:
    """Missed first payments and late balances are told by agent; who is named in the contract comes before who has the role."""
    agent, other = book.party("Agent"), book.party("Other")
    missed = book.loan([(DAY - timedelta(days=50), "400.00")], agent_party_id=agent)
    book.add("party_role", party_id=other, loan_id=missed, role="agent", effective_from=date(2026, 1, 1))
    book.add("party_role", party_id=other, loan_id=missed, role="landlord", effective_from=date(2026, 1, 1))
    paid = book.loan([(DAY - timedelta(days=60), "100.00"), (LATER, "500.00")])
    book.add("party_role", party_id=agent, loan_id=paid, role="agent", effective_from=date(2026, 1, 1))
    book.pay(paid, DAY - timedelta(days=30), "100.00", line=1)
    book.loan([(DAY - timedelta(days=29), "100.00")], agent_party_id=agent)
    book.close_books()
    row = book.one("v_agent_performance", party_id=agent)
    assert (row["role"], row["loans"], row["outstanding"]) == ("agent", 3, 1000)
    assert (row["fpd_observed"], row["fpd_loans"], row["fpd_pct"]) == (2, 1, 50)
    assert (row["outstanding_over_30"], row["par30_pct"]) == (400, 40)
    landlord = book.one("v_agent_performance", party_id=other)
    assert (landlord["role"], landlord["loans"]) == ("landlord", 1)
