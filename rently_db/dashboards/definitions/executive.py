"""Dashboard 8."""

from __future__ import annotations

from rently_db.dashboards.limits import limit_gauges
from rently_db.dashboards.model import (
    Audience,
    Bar,
    Dashboard,
    Figures,
    Flag,
    Line,
    Measure,
    Panel,
    Row,
    Table,
    Total,
    Unit,
    Where,
)

_LIMITS = limit_gauges(
    "executive",
    {
        "npl_ratio": "Non-performing loans",
        "past_due_31_share": "PAR30",
        "loss_rate": "Loss rate, 12 months",
    },
    answers="How near is the risk to its limit?",
    covers="executive.gauge",
)


EXECUTIVE = Dashboard(
    key="executive",
    number=8,
    title="Executive summary",
    summary="How large the business is, whether it grows, what it earns, and whether its risk stays within limits.",
    tier=1,
    roles=(Audience.EXECUTIVE, Audience.ANALYST),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="How large is the business, does it grow, and is its risk within its targets?",
                    view="dashboard_figure",
                    chart=Figures(loans="portfolio.loans"),
                    covers=(
                        "executive.value",
                        "executive.active_loans",
                        "executive.originated",
                        "executive.default_rate",
                        "executive.efficiency",
                        "executive.loss_rate",
                        "executive.growth_rate",
                        "executive.cards",
                    ),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "Growth",
            (
                Panel(
                    key="growth",
                    title="Outstanding, last 12 month-ends and the next 3",
                    answers="How large will the book be in three months if it grows as in the last six?",
                    view="dash_growth",
                    chart=Line(
                        x="month_end",
                        measures=(Measure("actual", "Actual", Unit.MONEY), Measure("projected", "Projected", Unit.MONEY)),
                    ),
                    covers=("executive.growth",),
                    width=8,
                    currency="functional_ccy",
                ),
                Panel(
                    key="country",
                    title="Outstanding by country, all companies, group currency",
                    answers="In which country is the group's money?",
                    view="dash_mix",
                    chart=Bar(x="country_code", measures=(Measure("outstanding_group", "Outstanding", Unit.MONEY),), by="group_ccy"),
                    covers=("executive.country",),
                    width=4,
                    all_companies=True,
                    currency="group_ccy",
                ),
            ),
        ),
        Row("Risk against its limits", _LIMITS),
        Row(
            "Month by month",
            (
                Panel(
                    key="income",
                    title="Income and losses by month",
                    answers="What do we earn, and what do losses take away?",
                    view="dash_income_month",
                    chart=Bar(x="month_start", measures=(Measure("amount", "Amount", Unit.MONEY),), by="part"),
                    where=(Where("months_ago", "<", 12),),
                    covers=("executive.income",),
                    currency="functional_ccy",
                ),
                Panel(
                    key="flow",
                    title="Lent and collected by month",
                    answers="Do collections keep up with new lending?",
                    view="dash_month",
                    chart=Bar(
                        x="month_end",
                        measures=(Measure("originated", "Lent", Unit.MONEY), Measure("collections", "Collected", Unit.MONEY)),
                        stacked=False,
                    ),
                    where=(Where("months_ago", "<", 12),),
                    covers=("executive.originated",),
                    currency="functional_ccy",
                ),
                Panel(
                    key="quality",
                    title="Default rate and PAR30 by month, % of outstanding",
                    answers="Does the quality of the book get better or worse?",
                    view="dash_month",
                    chart=Line(
                        x="month_end",
                        measures=(
                            Measure("default_pct", "In default", Unit.PERCENT, Total.MAX),
                            Measure("par30_pct", "PAR30", Unit.PERCENT, Total.MAX),
                        ),
                    ),
                    where=(Where("months_ago", "<", 24),),
                    covers=("executive.default_rate",),
                ),
            ),
        ),
        Row(
            "Companies",
            (
                Panel(
                    key="companies",
                    title="Companies, each in its own currency",
                    answers="Which company carries the growth, which one the losses?",
                    view="v_executive_summary_dashboard",
                    chart=Table(
                        columns=(
                            "legal_entity_name",
                            "country_code",
                            "functional_ccy",
                            "active_loans",
                            "active_portfolio_value",
                            "amount_originated_mtd",
                            "collections_mtd",
                            "expected_collections_30d",
                            "par30",
                            "npl",
                            "ce_mtd",
                            "cnl",
                            "growth_trend",
                        ),
                        order=("legal_entity_name",),
                        flags=(Flag("growth_trend", "High Growth", "good"),),
                    ),
                    covers=("executive.country",),
                    width=12,
                    height=24,
                    all_companies=True,
                    currency="functional_ccy",
                ),
            ),
        ),
    ),
    notes=(
        ("Default rate is by number of loans, NPL ratio by outstanding. PAR30 is outstanding of loans more than 30 days past due."),
        (
            "Loss rate: principal written off in the last 12 published months / mean outstanding of their ends; what "
            "was recovered is not taken off."
        ),
        "The projection continues the straight line through the last six month-ends for three months: a trend, no forecast.",
    ),
)
