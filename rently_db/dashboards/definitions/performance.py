"""Dashboard 6."""

from __future__ import annotations

from rently_db.dashboards.model import (
    Audience,
    Bar,
    Bubble,
    Dashboard,
    Figures,
    Flag,
    Funnel,
    Line,
    Measure,
    Panel,
    Row,
    Table,
    Total,
    Unit,
    Where,
)

PERFORMANCE = Dashboard(
    key="performance",
    number=6,
    title="Performance",
    summary="How many applications become loans, how fast, and how good these loans turn out.",
    tier=2,
    roles=(Audience.EXECUTIVE, Audience.PORTFOLIO, Audience.ANALYST),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Last 12 months",
                    answers="Do we lend as much, as fast and as well as planned?",
                    view="dashboard_figure",
                    chart=Figures(loans="loans"),
                    covers=(
                        "performance.applications",
                        "performance.approval_rate",
                        "performance.conversion",
                        "performance.days_to_disburse",
                        "performance.early_default",
                        "performance.vintage",
                    ),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "From application to loan",
            (
                Panel(
                    key="funnel",
                    title="Applications of the last 12 months by step",
                    answers="At which step do we lose applicants?",
                    view="dash_origination_step",
                    chart=Funnel(by="step", measure=Measure("applications", "Applications")),
                    covers=("performance.funnel",),
                ),
                Panel(
                    key="origination",
                    title="Amount lent a month",
                    answers="How much do we lend, month by month?",
                    view="dash_month",
                    chart=Bar(x="month_end", measures=(Measure("originated", "Originated", Unit.MONEY),)),
                    where=(Where("months_ago", "<", 12),),
                    covers=("performance.origination",),
                    currency="functional_ccy",
                ),
                Panel(
                    key="growth",
                    title="Applications and loans by month of submission",
                    answers="Does the business grow?",
                    view="dash_origination_month",
                    chart=Line(
                        x="cohort_month",
                        measures=(Measure("submitted", "Applications"), Measure("disbursed", "Paid out")),
                    ),
                    where=(Where("months_ago", "<", 24),),
                    covers=("performance.growth",),
                ),
            ),
        ),
        Row(
            "Quality by quarter of lending",
            (
                Panel(
                    key="vintage_30",
                    title="Loans ever over 30 days past due, % by months on book",
                    answers="Do younger quarters go wrong sooner than older ones did?",
                    view="dash_vintage",
                    chart=Line(x="mob", measures=(Measure("ever30_pct", "Ever 30+", Unit.PERCENT, Total.MAX),), by="cohort"),
                    covers=("performance.vintage_curves", "performance.vintage"),
                    width=6,
                ),
                Panel(
                    key="vintage_90",
                    title="Loans ever over 90 days past due, % by months on book",
                    answers="How many of each quarter's loans defaulted by which age?",
                    view="dash_vintage",
                    chart=Line(x="mob", measures=(Measure("ever90_pct", "Ever 90+", Unit.PERCENT, Total.MAX),), by="cohort"),
                    covers=("performance.vintage_curves", "performance.vintage"),
                    width=6,
                ),
            ),
        ),
        Row(
            "By product and by step",
            (
                Panel(
                    key="volume_quality",
                    title="Lent in 12 months against default rate, %; size: loans",
                    answers="Do we lend most where it turns out well?",
                    view="dash_product_quality",
                    chart=Bubble(
                        by="product_category",
                        x=Measure("originated_fn", "Originated", Unit.MONEY, Total.MAX),
                        y=Measure("default_pct", "Default rate", Unit.PERCENT, Total.MAX),
                        size=Measure("loans", "Loans on the book", Unit.COUNT, Total.MAX),
                    ),
                    covers=("performance.volume_quality",),
                    width=6,
                    currency="functional_ccy",
                ),
                Panel(
                    key="rates",
                    title="Approved and converted, % by month of submission",
                    answers="Do the rates of approval and conversion hold?",
                    view="dash_origination_month",
                    chart=Line(
                        x="cohort_month",
                        measures=(
                            Measure("approval_pct", "Approved of decided", Unit.PERCENT, Total.MAX),
                            Measure("conversion_pct", "Loans of approved", Unit.PERCENT, Total.MAX),
                        ),
                    ),
                    where=(Where("months_ago", "<", 12),),
                    covers=("performance.approval_rate", "performance.conversion"),
                    width=6,
                ),
            ),
        ),
        Row(
            "In detail",
            (
                Panel(
                    key="products",
                    title="Products: volume and quality at the newest month-end",
                    answers="What are the numbers behind each circle?",
                    view="dash_product_quality",
                    chart=Table(
                        columns=(
                            "product_category",
                            "month_end",
                            "new_loans",
                            "originated_fn",
                            "loans",
                            "outstanding_fn",
                            "functional_ccy",
                            "par30_pct",
                            "default_pct",
                        ),
                        order=("-originated_fn", "product_category"),
                    ),
                    covers=("performance.volume_quality",),
                    width=6,
                    height=42,
                    currency="functional_ccy",
                ),
                Panel(
                    key="loans",
                    title="Loans of the last 6 months that are past due",
                    answers="Which young loans are about to default early?",
                    view="dash_overdue_loan",
                    chart=Table(
                        columns=(
                            "loan_number",
                            "product_category",
                            "first_disbursed_on",
                            "months_on_book",
                            "dpd",
                            "dpd_bucket",
                            "outstanding",
                            "arrears",
                            "currency_code",
                        ),
                        order=("-dpd", "loan_number"),
                        flags=(Flag("dpd", 31, "warn"), Flag("dpd", 91, "bad")),
                    ),
                    where=(Where("months_on_book", "<=", 6),),
                    covers=("performance.early_default",),
                    width=6,
                    height=42,
                    currency="currency_code",
                ),
            ),
        ),
    ),
    notes=(
        ("Applications: of the last 12 calendar months with the running one; those without a known month of submission are left out."),
        ("Approved that became loans: contracted / approved. Decision to payout: mean days from the decision to the first disbursement."),
        (
            "Early default: loans more than 90 days past due within 6 months, of cohorts that reached that age in the "
            "last 12 months (settings epd_days, epd_months)."
        ),
        "A quarter's curve ends where its youngest month ends: each point is of all of its loans.",
    ),
)
