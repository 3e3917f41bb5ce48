"""The portfolio after the migration, from the views that a dashboard reads: summary, ageing of arrears, the worst loans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, RowMapping, text

WORST = 5

_SUMMARY = """
SELECT
    s.legal_entity_name,
    s.country_code,
    s.functional_ccy,
    s.active_loans,
    s.active_portfolio_value,
    s.loans_originated_mtd,
    s.amount_originated_mtd,
    s.collections_mtd,
    s.collection_efficiency_mtd_pct,
    s.expected_collections_30d,
    s.current_default_loans,
    s.current_default_amount,
    s.default_rate_amount_pct,
    s.written_off_loans,
    s.written_off_amount,
    s.growth_trend
FROM analytics.v_executive_summary_dashboard AS s
WHERE s.legal_entity_id = ANY(:companies)
ORDER BY s.country_code, s.legal_entity_name
"""
_AGEING = """
SELECT
    a.dpd_bucket,
    a.currency_code,
    sum(a.arrears) AS arrears,
    sum(a.instalments) AS instalments
FROM analytics.v_arrears_ageing AS a
WHERE a.legal_entity_id = ANY(:companies)
GROUP BY a.bucket_sort, a.dpd_bucket, a.currency_code
ORDER BY a.bucket_sort, a.currency_code
"""
_WORST = """
SELECT
    d.loan_number,
    d.borrower_name,
    d.currency_code,
    d.current_dpd,
    d.risk_category,
    d.arrears,
    d.outstanding_principal
FROM analytics.v_dpd_analysis AS d
WHERE d.current_dpd > 0 AND d.legal_entity_id = ANY(:companies)
ORDER BY d.current_dpd DESC, d.arrears DESC, d.loan_number
LIMIT :worst
"""
_COMPANIES = "SELECT count(*) AS companies, max(e.business_date) AS business_date FROM analytics.entity_day AS e"


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What the views say: a row a legal entity, a row for each bucket and currency, the loans that are latest."""

    business_date: date
    others: int
    """Legal entities that are left out."""
    summary: Sequence[RowMapping]
    ageing: Sequence[RowMapping]
    worst: Sequence[RowMapping]


def read_portfolio(engine: Engine, companies: Sequence[UUID]) -> Portfolio:
    """The portfolio of these legal entities as of the business date of the database."""
    asked = {"companies": [*companies]}
    with engine.connect() as connection:
        all_of_them = connection.execute(text(_COMPANIES)).one()
        return Portfolio(
            business_date=all_of_them.business_date,
            others=all_of_them.companies - len(companies),
            summary=connection.execute(text(_SUMMARY), asked).mappings().all(),
            ageing=connection.execute(text(_AGEING), asked).mappings().all(),
            worst=connection.execute(text(_WORST), {**asked, "worst": WORST}).mappings().all(),
        )


def show_portfolio(console: Console, portfolio: Portfolio) -> None:
    """Print it; the tables fit 80 columns."""
    console.rule(f"the portfolio, business date {portfolio.business_date}")
    for table in (_summary(portfolio.summary), _ageing(portfolio.ageing), _worst(portfolio.worst)):
        console.print(table)
    if portfolio.others:
        console.print(f"Not shown: {portfolio.others:,} companies that the v0 application made up meanwhile.")


def _table(title: str, *columns: str, left: int = 1) -> Table:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < left else "right")
    return table


def _summary(entities: Sequence[RowMapping]) -> Table:
    """A column a legal entity, in its functional currency."""
    table = _table("Executive summary", "", *(f"{entity['legal_entity_name']} ({entity['country_code']})" for entity in entities))

    def row(name: str, *cells: str) -> None:
        table.add_row(name, *cells)

    row("active loans", *(f"{e['active_loans']:,}" for e in entities))
    row("outstanding", *(_money(e["active_portfolio_value"], e["functional_ccy"]) for e in entities))
    row("originated this month", *(_money(e["amount_originated_mtd"], e["functional_ccy"]) for e in entities))
    row("  loans", *(f"{e['loans_originated_mtd']:,}" for e in entities))
    row("collected this month", *(_money(e["collections_mtd"], e["functional_ccy"]) for e in entities))
    row("  of what was due", *(_percent(e["collection_efficiency_mtd_pct"]) for e in entities))
    row("expected within 30 days", *(_money(e["expected_collections_30d"], e["functional_ccy"]) for e in entities))
    row("in default", *(_money(e["current_default_amount"], e["functional_ccy"]) for e in entities))
    row("  of outstanding", *(_percent(e["default_rate_amount_pct"]) for e in entities))
    row("  loans", *(f"{e['current_default_loans']:,}" for e in entities))
    row("written off so far", *(_money(e["written_off_amount"], e["functional_ccy"]) for e in entities))
    row("  loans", *(f"{e['written_off_loans']:,}" for e in entities))
    row("growth", *(e["growth_trend"] or "unknown" for e in entities))
    return table


def _ageing(rows: Sequence[RowMapping]) -> Table:
    """A row a bucket of days since an instalment fell due, a column a currency."""
    currencies = sorted({row["currency_code"] for row in rows})
    table = _table("Arrears by age of the instalment", "overdue", "instalments", *currencies)
    amounts = {(row["dpd_bucket"], row["currency_code"]): row["arrears"] for row in rows}
    for bucket in dict.fromkeys(row["dpd_bucket"] for row in rows):
        late = sum(row["instalments"] for row in rows if row["dpd_bucket"] == bucket)
        table.add_row(bucket, f"{late:,}", *(_money(amounts.get((bucket, currency), Decimal(0)), currency) for currency in currencies))
    table.add_section()
    totals = [sum((row["arrears"] for row in rows if row["currency_code"] == currency), Decimal(0)) for currency in currencies]
    total = sum(row["instalments"] for row in rows)
    table.add_row("together", f"{total:,}", *(_money(amount, currency) for amount, currency in zip(totals, currencies, strict=True)))
    return table


def _worst(loans: Sequence[RowMapping]) -> Table:
    table = _table(f"The {WORST} loans most days past due", "loan", "borrower", "class", "days", "arrears", left=3)
    for loan in loans:
        arrears = _money(loan["arrears"], loan["currency_code"])
        table.add_row(loan["loan_number"], loan["borrower_name"], loan["risk_category"], f"{loan['current_dpd']:,}", arrears)
    return table


def _money(amount: Decimal | None, currency: str) -> str:
    """With separators and currency; an amount that lacks an exchange rate is unknown, not 0."""
    return "unknown" if amount is None else f"{amount:,.2f} {currency}"


def _percent(value: Decimal | None) -> str:
    """NULL: there was nothing of which it would be a share."""
    return "-" if value is None else f"{value:.2f} %"
