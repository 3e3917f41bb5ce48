"""Dashboard 4."""

from __future__ import annotations

from rently_db.dashboards.model import (
    Audience,
    Bar,
    Dashboard,
    Figures,
    Flag,
    Gauge,
    HeatMap,
    Line,
    Measure,
    Panel,
    Pie,
    Row,
    Table,
    Total,
    Unit,
    Where,
)

PAYMENT_HEALTH = Dashboard(
    key="payment_health",
    number=4,
    title="Payment health",
    summary="How late the book is, how that changes, and which loans became past due since the last month-end.",
    tier=1,
    roles=(Audience.EXECUTIVE, Audience.RISK, Audience.PORTFOLIO, Audience.COLLECTIONS, Audience.ANALYST),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="Is the book paid as it should be, and is it about to become worse?",
                    view="dashboard_figure",
                    chart=Figures(loans="newly_overdue"),
                    covers=(
                        "payment_health.early",
                        "payment_health.progression",
                        "payment_health.performing",
                        "payment_health.past_due_31",
                    ),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "How late the book is",
            (
                Panel(
                    key="distribution",
                    title="Loans past due, by days",
                    answers="How many loans are how late?",
                    view="dash_risk_mix",
                    chart=Bar(x="dpd_bucket", measures=(Measure("loans", "Loans"),), sort="bucket_sort"),
                    where=(Where("bucket_sort", ">", 0),),
                    covers=("payment_health.dpd_distribution",),
                ),
                Panel(
                    key="risk_mix",
                    title="Outstanding by risk class",
                    answers="How much of the book is normal, and how much is substandard or worse?",
                    view="dash_risk_mix",
                    chart=Pie(by="risk_class", measure=Measure("outstanding", "Outstanding", Unit.MONEY)),
                    covers=("payment_health.risk_mix",),
                    currency="functional_ccy",
                ),
                Panel(
                    key="ageing",
                    title="Arrears by age of the instalment",
                    answers="How old is the money that we wait for?",
                    view="dash_ageing",
                    chart=Bar(x="dpd_bucket", measures=(Measure("arrears", "Arrears", Unit.MONEY),), sort="bucket_sort"),
                    covers=("payment_health.ageing",),
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "Where it goes",
            (
                Panel(
                    key="heat",
                    title="Worse than Normal by product, % of its outstanding",
                    answers="Which product pays worst?",
                    view="dash_risk_mix",
                    chart=HeatMap(
                        x="class_label",
                        y="product_category",
                        measure=Measure("pct_of_product", "of the product", Unit.PERCENT),
                    ),
                    where=(Where("class_sort", ">", 0),),
                    covers=("payment_health.heat",),
                    width=5,
                ),
                Panel(
                    key="migration",
                    title="Balance that changed stage within a month, %",
                    answers="Does more of the book become worse than recovers?",
                    view="dash_migration",
                    chart=Line(
                        x="month_end",
                        measures=(Measure("pct_of_balance", "of the balance", Unit.PERCENT, Total.MAX),),
                        by="direction",
                    ),
                    where=(Where("months_ago", "<", 12), Where("direction", "!=", "same"), Where("direction", "!=", "left")),
                    covers=("payment_health.migration",),
                    width=4,
                ),
                Panel(
                    key="score",
                    title="Health score, 100 is best",
                    answers="How healthy is the book in one number?",
                    view="dashboard_figure",
                    chart=Gauge(Measure("value", "of 100", Unit.NUMBER, Total.MAX), limit=None, maximum=100),
                    where=(Where("dashboard", "==", "payment_health"), Where("figure", "==", "health_score")),
                    covers=("payment_health.score",),
                    width=3,
                ),
            ),
        ),
        Row(
            "Loans to look at",
            (
                Panel(
                    key="newly_overdue",
                    title="Past due since the last month-end, largest first",
                    answers="Which loans have just become past due?",
                    view="dash_newly_overdue",
                    chart=Table(
                        columns=(
                            "loan_number",
                            "product_category",
                            "currency_code",
                            "arrears",
                            "outstanding",
                            "dpd",
                            "dpd_bucket",
                            "has_broken_promise",
                        ),
                        order=("-outstanding", "loan_number"),
                        flags=(Flag("dpd", 8, "warn"), Flag("dpd", 31, "bad")),
                    ),
                    covers=("payment_health.newly_overdue",),
                    width=12,
                    height=42,
                    currency="currency_code",
                ),
            ),
        ),
    ),
    notes=(
        (
            "Health score: 100 less the sum over buckets of weight x share of outstanding; the weights are the setting "
            "health_score_weights, a placeholder."
        ),
        (
            "Performing: outstanding of loans that are not in default. 31+ days: outstanding of loans more than 30 "
            "days past due. Substandard or worse: by number of loans."
        ),
        (
            "8-30 days, got worse: loans in that bucket at the month-end before the newest that were above 30 days, or "
            "written off, at the newest."
        ),
        "Migration is by stage; written off is worse, closed or transferred is neither.",
    ),
)
