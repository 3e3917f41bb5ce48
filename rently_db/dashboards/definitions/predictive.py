"""Dashboard 7."""

from __future__ import annotations

from rently_db.dashboards.model import (
    Audience,
    Bar,
    Dashboard,
    Figures,
    Flag,
    HeatMap,
    Measure,
    NoSource,
    Panel,
    Row,
    Table,
    Total,
    Unit,
    Where,
)

PREDICTIVE = Dashboard(
    key="predictive",
    number=7,
    title="Predictive foundation",
    summary="Which loans the rule-based score warns of, what loss is expected, and whether score and features can be trusted.",
    tier=3,
    roles=(Audience.EXECUTIVE, Audience.RISK, Audience.ANALYST),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="How many loans are of high risk, what may they cost, and how much does the score see?",
                    view="dashboard_figure",
                    chart=Figures(loans="loans"),
                    covers=("predictive.high_risk", "predictive.expected_loss", "predictive.labels", "predictive.stability"),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "The book today",
            (
                Panel(
                    key="distribution",
                    title="Loans on the book by score",
                    answers="How many loans does the score warn of?",
                    view="dash_score_now",
                    chart=Bar(x="score", measures=(Measure("loans", "Loans"),), sort="sort"),
                    covers=("predictive.distribution", "predictive.high_risk"),
                ),
                Panel(
                    key="expected_loss",
                    title="Expected loss in 12 months by stage",
                    answers="Where is the loss that we expect?",
                    view="dash_expected_loss",
                    chart=Bar(
                        x="stage_name",
                        measures=(Measure("el_fn", "Expected loss", Unit.MONEY),),
                        by="product_category",
                    ),
                    covers=("predictive.loss_by_stage", "predictive.expected_loss"),
                    currency="functional_ccy",
                ),
                Panel(
                    key="score_trend",
                    title="Performing loans by score, month-ends, %",
                    answers="Does the share of risky loans grow?",
                    view="dash_score_trend",
                    chart=Bar(x="month_end", measures=(Measure("share_pct", "Share", Unit.PERCENT, Total.MAX),), by="score"),
                    where=(Where("months_ago", "<", 12),),
                    covers=("predictive.distribution",),
                ),
            ),
        ),
        Row(
            "Does the score tell?",
            (
                Panel(
                    key="lift",
                    title="Went bad within 12 months by score, %",
                    answers="Does a higher score go with more defaults than the book as a whole?",
                    view="dash_score_history",
                    chart=Bar(
                        x="score",
                        measures=(
                            Measure("default_rate_pct", "Of this score", Unit.PERCENT, Total.MAX),
                            Measure("overall_rate_pct", "Of all", Unit.PERCENT, Total.MAX),
                        ),
                        sort="sort",
                        stacked=False,
                    ),
                    covers=("predictive.calibration",),
                ),
                Panel(
                    key="calibration",
                    title="Default within 12 months by bucket, %",
                    answers="Is the probability of default that we reckon with what we saw?",
                    view="dash_calibration",
                    chart=Bar(
                        x="dpd_bucket",
                        measures=(
                            Measure("predicted_pct", "Predicted", Unit.PERCENT, Total.MAX),
                            Measure("observed_pct", "Observed", Unit.PERCENT, Total.MAX),
                        ),
                        sort="sort",
                        stacked=False,
                    ),
                    covers=("predictive.calibration",),
                ),
                Panel(
                    key="factors",
                    title="Risk factors by lift, those seen often enough",
                    answers="What goes with default most?",
                    view="dash_risk_factor",
                    chart=Bar(
                        x="factor",
                        measures=(Measure("lift", "Lift", Unit.NUMBER, Total.MAX),),
                        sort="rank",
                        horizontal=True,
                        limit=10,
                    ),
                    where=(Where("is_small", "==", value=False),),
                    covers=("predictive.factors",),
                ),
            ),
        ),
        Row(
            "Drift",
            (
                Panel(
                    key="drift",
                    title="Stability index of each feature (over 0.25: shifted), all companies",
                    answers="Which feature no longer looks as it did when the reference was taken?",
                    view="dash_feature_drift",
                    chart=HeatMap(x="month", y="feature", measure=Measure("psi", "PSI", Unit.NUMBER, Total.MAX)),
                    where=(Where("months_ago", "<", 12),),
                    covers=("predictive.drift", "predictive.stability"),
                    width=12,
                    height=40,
                    all_companies=True,
                ),
            ),
        ),
        Row(
            "In detail",
            (
                Panel(
                    key="history",
                    title="History of the score: observations and lift",
                    answers="On how many loans does the lift rest?",
                    view="dash_score_history",
                    chart=Table(
                        columns=(
                            "score",
                            "observations",
                            "labelled",
                            "defaults",
                            "default_rate_pct",
                            "lift",
                            "labelled_pct",
                            "defaults_pct",
                            "is_small",
                        ),
                        order=("sort",),
                    ),
                    covers=("predictive.calibration", "predictive.labels"),
                    width=6,
                    height=42,
                ),
                Panel(
                    key="factor_table",
                    title="All risk factors with their counts",
                    answers="How often is each factor seen, and what happens without it?",
                    view="dash_risk_factor",
                    chart=Table(
                        columns=(
                            "rank",
                            "factor",
                            "labelled",
                            "labelled_pct",
                            "defaults",
                            "default_rate_pct",
                            "rate_without_pct",
                            "lift",
                            "is_small",
                        ),
                        order=("rank",),
                    ),
                    covers=("predictive.factors",),
                    width=6,
                    height=42,
                ),
            ),
        ),
        Row(
            "The loans behind the score",
            (
                Panel(
                    key="loans",
                    title="Loans scored High, largest first",
                    answers="Which loans does the score warn of, and why?",
                    view="dash_score_loan",
                    chart=Table(
                        columns=(
                            "loan_number",
                            "product_category",
                            "outstanding",
                            "currency_code",
                            "dpd",
                            "max_dpd",
                            "avg_days_late",
                            "on_time_pct",
                            "legal_actions",
                        ),
                        order=("-outstanding_fn", "loan_number"),
                        flags=(Flag("dpd", 31, "warn"), Flag("dpd", 91, "bad")),
                    ),
                    where=(Where("score", "==", "High"),),
                    covers=("predictive.high_risk",),
                    width=12,
                    height=42,
                    currency="currency_code",
                ),
            ),
        ),
    ),
    no_source=(
        NoSource("predictive.external_model", "No model scores these loans: there is nothing to monitor but the rule-based score above."),
    ),
    notes=(
        (
            "The score is the rule-based current_risk_score of v_ml_features_default_prediction; its history applies "
            "today's settings to the features of each month-end."
        ),
        (
            "Lift: rate of defaults within 12 months / that of all loans of the company. A factor seen less often than "
            "pd_minimum_observations ranks last."
        ),
        (
            "Predicted is the probability that v_expected_loss uses: of all companies, and a placeholder where history "
            "is too short; observed is the company's own."
        ),
        "Features shifted: population stability index above the setting psi_major, over all companies.",
    ),
)
