"""Dashboard 2."""

from __future__ import annotations

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
    Row,
    Table,
    Total,
    Unit,
    Waterfall,
    Where,
)

CASH_FLOW = Dashboard(
    key="cash_flow",
    number=2,
    title="Cash flow",
    summary="What money came in, what is expected, and how much of what fell due was paid, when and in which currency.",
    tier=2,
    roles=(Audience.EXECUTIVE, Audience.ANALYST, Audience.TREASURY),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="How much money comes in, and is it as much, and as punctual, as it should be?",
                    view="dashboard_figure",
                    chart=Figures(loans="pipeline"),
                    covers=(
                        "cash_flow.expected_30d",
                        "cash_flow.collected_of_expected",
                        "cash_flow.efficiency",
                        "cash_flow.net_flow",
                        "cash_flow.on_time_rate",
                        "cash_flow.days_late",
                        "cash_flow.fx_exposure",
                    ),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "What came in and what comes",
            (
                Panel(
                    key="weeks",
                    title="Next 12 weeks, all companies, group currency",
                    answers="How much falls due in each week, and how much of it do we expect?",
                    view="dash_week",
                    chart=Line(
                        x="week_start",
                        measures=(
                            Measure("contractual_due", "Falls due", Unit.MONEY),
                            Measure("expected_inflow", "Expected", Unit.MONEY),
                        ),
                    ),
                    covers=("cash_flow.projection", "cash_flow.weeks"),
                    width=6,
                    all_companies=True,
                    currency="group_ccy",
                ),
                Panel(
                    key="waterfall",
                    title="Net cash flow by month, last 12 month-ends",
                    answers="In which months did more go out than come in, and what does the year add up to?",
                    view="dash_cash_month",
                    chart=Waterfall(x="month_end", measure=Measure("net_flow", "Net cash flow", Unit.MONEY)),
                    where=(Where("months_ago", "<", 12),),
                    covers=("cash_flow.waterfall",),
                    width=6,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "How well it comes in",
            (
                Panel(
                    key="efficiency_trend",
                    title="Collection efficiency, last 12 full months, %",
                    answers="Do we collect more or less of what falls due?",
                    view="dash_efficiency",
                    chart=Line(
                        x="month_start",
                        measures=(
                            Measure("current_due_ce_pct", "Of what fell due", Unit.PERCENT, Total.MAX),
                            Measure("ce_ex_npl_pct", "Without loans in default", Unit.PERCENT, Total.MAX),
                            Measure("total_ce_pct", "All receipts", Unit.PERCENT, Total.MAX),
                        ),
                    ),
                    where=(Where("is_complete", "==", True), Where("months_ago", "<=", 12)),
                    covers=("cash_flow.efficiency_trend",),
                    width=6,
                ),
                Panel(
                    key="in_and_out",
                    title="Collected and paid out, last 12 month-ends",
                    answers="Is a bad month one of little money in, or of much lent?",
                    view="dash_cash_month",
                    chart=Bar(
                        x="month_end",
                        measures=(
                            Measure("collected", "Collected", Unit.MONEY),
                            Measure("disbursed", "Paid out", Unit.MONEY),
                        ),
                        stacked=False,
                    ),
                    where=(Where("months_ago", "<", 12),),
                    currency="functional_ccy",
                    width=6,
                ),
            ),
        ),
        Row(
            "By currency",
            (
                Panel(
                    key="timing",
                    title="When instalments are paid, % of amount, by currency",
                    answers="How much is paid early, on the day, or late?",
                    view="dash_timing",
                    chart=Bar(
                        x="currency_code",
                        measures=(Measure("pct_of_amount", "of the amount", Unit.PERCENT, Total.MAX),),
                        by="band",
                        horizontal=True,
                    ),
                    covers=("cash_flow.timing",),
                    all_companies=True,
                    width=6,
                ),
                Panel(
                    key="risk_matrix",
                    title="Exposure by company and currency, % of its book",
                    answers="Which company depends on which currency?",
                    view="v_currency_risk_analysis",
                    chart=HeatMap(
                        x="loan_currency",
                        y="legal_entity_name",
                        measure=Measure("currency_exposure_pct", "of the book", Unit.PERCENT, Total.MAX),
                    ),
                    covers=("cash_flow.risk_matrix",),
                    all_companies=True,
                    width=6,
                ),
            ),
        ),
        Row(
            "Behind the figures",
            (
                Panel(
                    key="pipeline",
                    title="Loans still to pay out",
                    answers="For which loans does money go out next?",
                    view="v_disbursement_pipeline",
                    chart=Table(
                        columns=("loan_number", "product_category", "currency_code", "approved", "undisbursed", "start_date", "age_days"),
                        order=("-undisbursed", "loan_number"),
                        flags=(Flag("age_days", 30, "warn"),),
                    ),
                    currency="currency_code",
                    width=6,
                    height=42,
                ),
                Panel(
                    key="unallocated",
                    title="Money that settles nothing yet",
                    answers="Which payments still have to be allocated?",
                    view="dash_unallocated_cash",
                    chart=Table(
                        columns=("external_reference", "provider", "currency_code", "amount", "unapplied", "value_date", "age_days"),
                        order=("-age_days", "-unapplied"),
                        flags=(Flag("age_days", 30, "warn"), Flag("age_days", 90, "bad")),
                    ),
                    currency="currency_code",
                    width=6,
                    height=42,
                ),
            ),
        ),
    ),
    no_source=(
        NoSource("cash_flow.hedging", "Hedges are not recorded in this database: only what is exposed is known, not what is covered."),
    ),
    notes=(
        "Collection efficiency: what is settled of instalments due this month so far / what was due.",
        ("Collected of what fell due: all money received this month / the same; it may exceed 100 %, as old arrears are paid too."),
        "Net cash flow: collected - disbursed - principal refunded, of the newest published month.",
        ("Paid on time, days late: over all instalments ever settled; one that was paid early or on the day counts as 0 days late."),
        "Largest foreign currency: outstanding in the largest currency that is not the company's own, of its book.",
        "The projection of 12 weeks knows no company, and stands in the group currency.",
    ),
)
