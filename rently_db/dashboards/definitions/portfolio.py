"""Dashboard 1."""

from __future__ import annotations

from rently_db.dashboards.limits import limit_gauges
from rently_db.dashboards.model import (
    Audience,
    Bar,
    Dashboard,
    Figures,
    Flag,
    HeatMap,
    Line,
    Measure,
    NoSource,
    Panel,
    Pie,
    Row,
    Table,
    Total,
    Unit,
    Where,
)

_OUTSTANDING = Measure("outstanding_fn", "Outstanding", Unit.MONEY)

_LIMITS = limit_gauges(
    "portfolio",
    {
        "default_rate_count": "Default rate by loans",
        "default_rate_amount": "Default rate by amount",
        "write_off_rate": "Write-off rate",
    },
    answers="How near is the ratio to its target?",
    covers="portfolio.gauges",
)


PORTFOLIO = Dashboard(
    key="portfolio",
    number=1,
    title="Loan portfolio overview",
    summary="How large the book is, what it is made of, and whether its losses stay within their targets.",
    tier=1,
    roles=(Audience.EXECUTIVE, Audience.RISK, Audience.PORTFOLIO, Audience.ANALYST),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="How large is the book, and are defaults and write-offs within their targets?",
                    view="dashboard_figure",
                    chart=Figures(loans="loans"),
                    covers=(
                        "portfolio.active_loans",
                        "portfolio.active_value",
                        "portfolio.average_loan",
                        "portfolio.default_rate_count",
                        "portfolio.default_rate_amount",
                        "portfolio.write_off_rate",
                        "portfolio.big_numbers",
                    ),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "Growth, and to whom we lent most",
            (
                Panel(
                    key="growth",
                    title="Outstanding, last 12 month-ends",
                    answers="Does the book grow?",
                    view="dash_month",
                    chart=Line(x="month_end", measures=(Measure("glp", "Outstanding", Unit.MONEY),)),
                    where=(Where("months_ago", "<", 12),),
                    covers=("portfolio.growth",),
                    width=6,
                    currency="functional_ccy",
                ),
                Panel(
                    key="top_borrowers",
                    title="Ten largest borrowers",
                    answers="To whom have we lent most?",
                    view="dash_obligor",
                    chart=Bar(x="obligor", measures=(Measure("exposure", "Exposure", Unit.MONEY),), horizontal=True, limit=10),
                    where=(Where("rank", "<=", 10),),
                    covers=("portfolio.top_borrowers",),
                    width=6,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "What the book is made of",
            (
                Panel(
                    key="product_mix",
                    title="By product",
                    answers="What is the book made of?",
                    view="dash_mix",
                    chart=Pie(by="product_category", measure=_OUTSTANDING),
                    covers=("portfolio.product_mix", "portfolio.mix_pie"),
                    currency="functional_ccy",
                ),
                Panel(
                    key="currency_mix",
                    title="By currency",
                    answers="In which currencies do we lend?",
                    view="dash_mix",
                    chart=Pie(by="currency_code", measure=_OUTSTANDING),
                    covers=("portfolio.currency_mix",),
                    currency="functional_ccy",
                ),
                Panel(
                    key="unit_mix",
                    title="By business unit",
                    answers="Is the mix of residential and commercial as planned?",
                    view="dash_mix",
                    chart=Pie(by="business_unit", measure=_OUTSTANDING),
                    covers=("portfolio.unit_mix",),
                    currency="functional_ccy",
                ),
            ),
        ),
        Row("Against the limits: 100 % is the target", _LIMITS),
        Row(
            "Where the risk is",
            (
                Panel(
                    key="default_heat",
                    title="Default rate by product and currency, % of amount",
                    answers="Which product in which currency defaults?",
                    view="v_default_rate_analysis",
                    chart=HeatMap(
                        x="currency_code",
                        y="product_category",
                        measure=Measure("default_rate_amount_pct", "Default rate", Unit.PERCENT, Total.MAX),
                    ),
                    covers=("portfolio.default_heat",),
                    width=5,
                    height=42,
                    all_companies=True,
                ),
                Panel(
                    key="loans",
                    title="Loans more than 30 days past due, largest first",
                    answers="Which loans are behind the default rate?",
                    view="dash_overdue_loan",
                    chart=Table(
                        columns=("loan_number", "product_category", "dpd", "dpd_bucket", "outstanding", "currency_code"),
                        order=("-outstanding_fn",),
                        flags=(Flag("dpd", 31, "warn"), Flag("dpd", 91, "bad")),
                    ),
                    where=(Where("dpd", ">", 30),),
                    width=7,
                    height=42,
                    currency="currency_code",
                ),
            ),
        ),
    ),
    no_source=(
        NoSource(
            "portfolio.market_share", "what others lend stands in no table of ours: needs a market survey or the regulator's statistics"
        ),
    ),
    notes=(
        (
            "Default rates and write-off rate are those of v_executive_summary_dashboard: loans in default by the "
            "rules of classification, of those on the book; principal written off so far, of all that was lent."
        ),
        "The target of the residential share is 70 %, give or take 5; the tolerance is a placeholder.",
    ),
)
