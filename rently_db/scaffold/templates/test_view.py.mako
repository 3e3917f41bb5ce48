"""analytics.${name} says of a book of 300 loans what the loans themselves say."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from sqlalchemy import URL

from tests.analytics.view_contracts import assert_unique, header_of, rows_of, types_of
from tests.oracle.loans import LoanState

NAME = "${name}"


def test_a_company_has_one_row_for_each_currency(analytics_book: URL) -> None:
    """Whoever joins the view by its key doubles nothing, and every column has its meaning, in the order of the view."""
    found = rows_of(analytics_book, NAME)
    assert found
    assert_unique(NAME, found)
    assert list(types_of(analytics_book, NAME)) == [column for column, _ in header_of(NAME).columns]


def test_the_figures_are_those_of_the_loans(analytics_book: URL, states: dict[str, LoanState]) -> None:
    """Loans on the book, and what is outstanding on them, are what the oracle computes from payments and plans, to the cent."""
    count: Counter[tuple[str, str]] = Counter()
    outstanding: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for state in states.values():
        if state.status == "active":
            key = (state.loan.legal_entity_id, state.loan.currency_code)
            count[key] += 1
            outstanding[key] += state.outstanding
    assert {
        (row["legal_entity_id"], row["currency_code"]): (row["loan_count"], row["outstanding_principal"])
        for row in rows_of(analytics_book, NAME)
    } == {key: (count[key], outstanding[key]) for key in count}
