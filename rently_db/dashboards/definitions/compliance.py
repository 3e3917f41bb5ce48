"""Dashboard 10."""

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
    Pie,
    Row,
    Table,
    Total,
    Unit,
    Where,
)

_LIMITS = limit_gauges(
    "compliance",
    {
        "npl_ratio": "NPL ratio",
        "provisioning_ratio": "Provisioning ratio",
        "legal_action_share": "Defaults with legal steps",
    },
    answers="How near is the ratio to its limit?",
    covers="compliance.ratios",
)


COMPLIANCE = Dashboard(
    key="compliance",
    number=10,
    title="Regulatory compliance",
    summary="Whether ratios keep their limits, how the book is classified and provided for, and what still has to be dealt with.",
    tier=2,
    roles=(Audience.EXECUTIVE, Audience.RISK, Audience.ANALYST, Audience.AUDITOR),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="Are we within the rules, and what is open?",
                    view="dashboard_figure",
                    chart=Figures(loans="loans"),
                    covers=(
                        "compliance.npl",
                        "compliance.provisioning",
                        "compliance.legal_share",
                        "compliance.breaches",
                        "compliance.signoff",
                    ),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row("Ratios against limits", _LIMITS),
        Row(
            "Status and classes",
            (
                Panel(
                    key="lights",
                    title="Traffic lights",
                    answers="Which figure is within its limit, which one is not?",
                    view="dashboard_figure",
                    chart=Table(
                        columns=("label", "value_text", "target_text", "status", "needs_signoff"),
                        order=("sort",),
                        flags=(Flag("status", "met", "good"), Flag("status", "missed", "bad"), Flag("status", "unknown", "warn")),
                    ),
                    where=(Where("dashboard", "==", "compliance"),),
                    covers=("compliance.lights",),
                    width=6,
                    height=30,
                    currency="functional_ccy",
                ),
                Panel(
                    key="classes",
                    title="Outstanding by class",
                    answers="How is the book classified?",
                    view="dash_classification",
                    chart=Pie(by="class", measure=Measure("outstanding_fn", "Outstanding", Unit.MONEY)),
                    covers=("compliance.classification", "compliance.pie"),
                    width=3,
                    currency="functional_ccy",
                ),
                Panel(
                    key="class_provisions",
                    title="Provision required, by class",
                    answers="For which class do we set most aside?",
                    view="dash_classification",
                    chart=Bar(x="class", measures=(Measure("provision_fn", "Provision", Unit.MONEY),), sort="class_sort"),
                    covers=("compliance.provisioning",),
                    width=3,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "Trend",
            (
                Panel(
                    key="trend",
                    title="Non-performing and PAR30 by month, % of outstanding",
                    answers="Do the ratios move towards their limits or away from them?",
                    view="dash_month",
                    chart=Line(
                        x="month_end",
                        measures=(
                            Measure("default_pct", "Non-performing", Unit.PERCENT, Total.MAX),
                            Measure("par30_pct", "PAR30", Unit.PERCENT, Total.MAX),
                        ),
                    ),
                    where=(Where("months_ago", "<", 24),),
                    covers=("compliance.trend",),
                    width=12,
                    height=24,
                ),
            ),
        ),
        Row(
            "What has to be dealt with",
            (
                Panel(
                    key="exceptions",
                    title="Exceptions: limits broken, rates missing, rules without sign-off",
                    answers="What is outside the rules or not yet decided?",
                    view="dash_exception",
                    chart=Table(
                        columns=(
                            "kind",
                            "limit_name",
                            "what",
                            "limit_value",
                            "actual_value",
                            "over_pct",
                            "currency_code",
                            "valid_from",
                            "source",
                        ),
                        order=("kind_sort", "-over_pct", "limit_name", "what"),
                        flags=(
                            Flag("kind", "Limit breach", "bad"),
                            Flag("kind", "Rate missing", "bad"),
                            Flag("kind", "Needs sign-off", "warn"),
                        ),
                        limit=200,
                    ),
                    covers=("compliance.exceptions", "compliance.breaches", "compliance.signoff"),
                    width=12,
                    height=42,
                    currency="currency_code",
                ),
            ),
        ),
        Row(
            "Behind the figures",
            (
                Panel(
                    key="loans",
                    title="Non-performing loans, the longest overdue first",
                    answers="Which loans are non-performing, and by which rule?",
                    view="v_npl_classification",
                    chart=Table(
                        columns=(
                            "loan_number",
                            "product_category",
                            "class",
                            "reason",
                            "dpd",
                            "outstanding_principal",
                            "currency_code",
                            "probation_ends_on",
                            "needs_signoff",
                        ),
                        order=("-dpd", "loan_number"),
                        flags=(Flag("class", "loss", "bad"), Flag("class", "doubtful", "warn")),
                    ),
                    where=(Where("is_default", "==", True),),
                    covers=("compliance.npl",),
                    width=6,
                    height=42,
                    currency="currency_code",
                ),
                Panel(
                    key="report",
                    title="Regulatory report, all companies",
                    answers="What do we report for each company and currency?",
                    view="v_regulatory_compliance_report",
                    chart=Table(
                        columns=(
                            "legal_entity_name",
                            "currency_code",
                            "active_loans",
                            "outstanding_principal",
                            "npl_ratio_pct",
                            "required_provisions",
                            "provisioning_ratio_pct",
                            "coverage_ratio_pct",
                            "charge_off_ratio_pct",
                            "npl_compliance_status",
                            "provisioning_status",
                            "needs_signoff",
                        ),
                        order=("legal_entity_name", "currency_code"),
                        flags=(
                            Flag("npl_compliance_status", "Within Limits", "good"),
                            Flag("npl_compliance_status", "High NPL - Review Required", "bad"),
                            Flag("provisioning_status", "Normal", "good"),
                            Flag("provisioning_status", "High Provisioning Required", "bad"),
                        ),
                    ),
                    covers=("compliance.lights",),
                    width=6,
                    height=42,
                    all_companies=True,
                    currency="currency_code",
                ),
            ),
        ),
    ),
    notes=(
        ("Provisioning ratio: provision required / outstanding; provisions of NPL: the same / outstanding of non- performing loans."),
        "Limit breaches are those that can be judged: one that a missing rate hides is an exception of its own kind.",
        (
            "Rules without sign-off: classification rules, provision rates and limits of the country, and settings in "
            "force, that are flagged needs_signoff."
        ),
    ),
)
