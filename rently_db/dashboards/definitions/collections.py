"""Dashboard 3."""

from __future__ import annotations

from rently_db.dashboards.model import (
    Audience,
    Bar,
    Dashboard,
    Figures,
    Flag,
    Funnel,
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

COLLECTIONS = Dashboard(
    key="collections",
    number=3,
    title="Collections",
    summary="How many borrowers are past due, what is done about them, what it brings, and whom to call next.",
    tier=1,
    roles=(Audience.EXECUTIVE, Audience.PORTFOLIO, Audience.COLLECTIONS),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="How many cases are open, and do calls, promises and recoveries reach their targets?",
                    view="dashboard_figure",
                    chart=Figures(loans="worklist"),
                    covers=(
                        "collections.recovery_rate",
                        "collections.resolution_days",
                        "collections.call_success",
                        "collections.reminders",
                        "collections.legal_actions",
                    ),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "From overdue to resolved",
            (
                Panel(
                    key="funnel",
                    title="Cases of the last 12 months",
                    answers="Of the cases that became overdue, how many did we reach, win a promise from, and see resolved?",
                    view="dash_collections_funnel",
                    chart=Funnel(by="step", measure=Measure("episodes", "Cases")),
                    covers=("collections.funnel",),
                ),
                Panel(
                    key="stages",
                    title="Open cases by stage",
                    answers="At which stage are the open cases? A click on one leaves its cases on the worklist.",
                    view="dash_cases_by_stage",
                    chart=Pie(by="stage_label", measure=Measure("cases", "Cases")),
                    covers=("collections.stages",),
                ),
                Panel(
                    key="recovery",
                    title="Resolved by bucket entered, %",
                    answers="How late may a case become before it is hard to resolve?",
                    view="dash_recovery_bucket",
                    chart=Bar(
                        x="dpd_bucket",
                        measures=(
                            Measure("recovered_pct", "of the principal", Unit.PERCENT, Total.MAX),
                            Measure("resolved_pct", "of the cases", Unit.PERCENT, Total.MAX),
                        ),
                        sort="bucket_sort",
                        stacked=False,
                    ),
                    covers=("collections.recovery_by_bucket",),
                ),
            ),
        ),
        Row(
            "How long it takes, and who does it",
            (
                Panel(
                    key="timeline",
                    title="Days from overdue to resolved, by month",
                    answers="Are cases resolved sooner than before?",
                    view="dash_resolution_month",
                    chart=Line(
                        x="month_start",
                        measures=(
                            Measure("avg_days", "Mean", Unit.DAYS, Total.MAX),
                            Measure("median_days", "Median", Unit.DAYS, Total.MAX),
                        ),
                    ),
                    where=(Where("months_ago", "<", 12),),
                    covers=("collections.timeline",),
                    width=3,
                ),
                Panel(
                    key="flow",
                    title="Cases opened and resolved, by month",
                    answers="Do we resolve as many cases as begin?",
                    view="dash_resolution_month",
                    chart=Bar(
                        x="month_start",
                        measures=(
                            Measure("opened", "Opened"),
                            Measure("resolved", "Resolved"),
                            Measure("lost", "Written off or transferred"),
                        ),
                        stacked=False,
                    ),
                    where=(Where("months_ago", "<", 12),),
                    width=3,
                ),
                Panel(
                    key="scorecard",
                    title="Collectors, last 12 months",
                    answers="What did each collector do, and what came of it?",
                    view="dash_collector",
                    chart=Table(
                        columns=(
                            "collector_name",
                            "calls",
                            "calls_answered",
                            "call_success_pct",
                            "cases_resolved",
                            "cases_open",
                            "promises",
                            "promises_kept",
                            "kept_pct",
                        ),
                        order=("-cases_resolved", "-calls"),
                    ),
                    covers=("collections.scorecard", "collections.cases_resolved", "collections.promises_kept"),
                    width=6,
                    height=30,
                ),
            ),
        ),
        Row(
            "Whom to call",
            (
                Panel(
                    key="worklist",
                    title="Worklist, in the order to call",
                    answers="Whom do I call next?",
                    view="dash_worklist",
                    chart=Table(
                        columns=(
                            "priority",
                            "loan_number",
                            "borrower_name",
                            "borrower_phone",
                            "currency_code",
                            "dpd",
                            "arrears",
                            "outstanding_principal",
                            "collections_stage",
                            "last_contact",
                            "next_action_date",
                            "promise_status",
                            "promise_until",
                        ),
                        order=("priority", "loan_number"),
                        flags=(
                            Flag("dpd", 31, "warn"),
                            Flag("dpd", 91, "bad"),
                            Flag("promise_status", "broken", "bad"),
                            Flag("promise_status", "open", "warn"),
                            Flag("promise_status", "kept", "good"),
                        ),
                    ),
                    covers=("collections.worklist",),
                    width=12,
                    height=42,
                    currency="currency_code",
                ),
            ),
        ),
        Row(
            "Legal steps",
            (
                Panel(
                    key="legal",
                    title="Loans with a legal step, longest first",
                    answers="Which cases are with lawyers or in court, since when, and for how much?",
                    view="dash_legal_action",
                    chart=Table(
                        columns=(
                            "loan_number",
                            "borrower_name",
                            "loan_status",
                            "currency_code",
                            "outstanding",
                            "arrears",
                            "dpd",
                            "legal_action",
                            "latest_action",
                            "latest_action_on",
                            "days_in_legal",
                        ),
                        order=("-days_in_legal", "loan_number"),
                        flags=(Flag("days_in_legal", 365, "bad"), Flag("loan_status", "written_off", "warn")),
                    ),
                    where=(Where("loan_status", "!=", "closed"),),
                    covers=("collections.legal_tracker",),
                    width=12,
                    height=42,
                    currency="currency_code",
                ),
            ),
        ),
    ),
    no_source=(
        NoSource("collections.cost_per_recovery", "What collections cost, in pay, agencies and lawyers, is not recorded in this database."),
        NoSource(
            "collections.satisfaction", "Nobody asks borrowers whether they are satisfied, and no survey is recorded in this database."
        ),
    ),
    notes=(
        "A case is a spell of days past due without a gap (mv_delinquency_entry); an open case is a loan of the worklist.",
        "Recovered of defaults: principal recovered / exposure at default, of all loans that ever were in default.",
        (
            "Defaults with legal steps: loans that ever were in default and have a legal notice, lawyer letter or "
            "court filing / all that ever were."
        ),
        "Steps of the funnel are parts of each other: a case that pays without being reached is in the first step only.",
        "The collector of a case is whoever acted last in it.",
        ("Resolved by bucket: principal on entry of resolved cases / principal of all cases that entered the bucket in 24 months."),
    ),
)
