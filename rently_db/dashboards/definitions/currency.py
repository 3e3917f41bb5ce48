"""Dashboard 11."""

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
    Panel,
    Row,
    Table,
    Total,
    Unit,
    Where,
)

CURRENCY = Dashboard(
    key="currency",
    number=11,
    title="Multi-currency",
    summary="What is lent in which currency, what it is worth in the functional and the group currency, and whether rates can be trusted.",
    tier=2,
    roles=(Audience.EXECUTIVE, Audience.ANALYST, Audience.TREASURY),
    rows=(
        Row(
            "",
            (
                Panel(
                    key="figures",
                    title="Today",
                    answers="What is the book worth, how much of it is foreign, and are the rates fresh?",
                    view="dashboard_figure",
                    chart=Figures(loans="cash_flow.pipeline"),
                    covers=("currency.totals", "currency.risk", "currency.revaluation", "currency.rates"),
                    width=12,
                    height=28,
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "Exposure and risk",
            (
                Panel(
                    key="exposure",
                    title="Outstanding by currency of the loans",
                    answers="In which currencies does this company lend?",
                    view="dash_mix",
                    chart=Bar(x="currency_code", measures=(Measure("outstanding_fn", "Outstanding", Unit.MONEY),)),
                    covers=("currency.exposure", "currency.exposure_bar"),
                    currency="functional_ccy",
                ),
                Panel(
                    key="group_exposure",
                    title="All companies by currency of the loans, group currency",
                    answers="What is the group's exposure to each currency?",
                    view="dash_mix",
                    chart=Bar(
                        x="currency_code",
                        measures=(Measure("outstanding_group", "Outstanding", Unit.MONEY),),
                        by="group_ccy",
                    ),
                    covers=("currency.exposure", "currency.totals"),
                    all_companies=True,
                    currency="group_ccy",
                ),
                Panel(
                    key="risk_heat",
                    title="Volatility of each pair, %",
                    answers="Which rate could hurt which books?",
                    view="dash_fx_pair",
                    chart=HeatMap(
                        x="currency_code",
                        y="functional_ccy",
                        measure=Measure("volatility_pct", "Volatility", Unit.PERCENT, Total.MAX),
                    ),
                    covers=("currency.heat", "currency.risk"),
                    all_companies=True,
                ),
            ),
        ),
        Row(
            "Rates and revaluation",
            (
                Panel(
                    key="rates_line",
                    title="Rates to the functional currency, first day = 100",
                    answers="Which currencies rose, which ones fell?",
                    view="dash_fx_rate",
                    chart=Line("rate_day", (Measure("rate_index", "Rate", Unit.NUMBER, Total.MAX),), by="currency_code", from_zero=False),
                    covers=("currency.lines",),
                ),
                Panel(
                    key="volatility_line",
                    title="Volatility of the rates, %",
                    answers="Did rates become more restless?",
                    view="dash_fx_rate",
                    chart=Line(
                        x="rate_day", measures=(Measure("volatility_pct", "Volatility", Unit.PERCENT, Total.MAX),), by="currency_code"
                    ),
                    where=(Where("volatility_pct", "IS NOT NULL", None),),
                    covers=("currency.lines", "currency.risk"),
                ),
                Panel(
                    key="revaluation",
                    title="Unrealised gain or loss by month",
                    answers="What did moving rates do to our balances?",
                    view="v_fx_revaluation",
                    chart=Bar(x="month_end", measures=(Measure("change_in_month", "Gain or loss", Unit.MONEY),), by="currency_code"),
                    covers=("currency.revaluation", "currency.revaluation_by_month"),
                    currency="functional_ccy",
                ),
            ),
        ),
        Row(
            "Pairs and levels",
            (
                Panel(
                    key="pairs",
                    title="Pairs: rates that are stale or missing first",
                    answers="Which rates can't be trusted, and what depends on them?",
                    view="dash_fx_pair",
                    chart=Table(
                        columns=(
                            "pair",
                            "rate_status",
                            "rate",
                            "rate_date",
                            "method",
                            "age_days",
                            "missing_days",
                            "exposure_fn",
                            "at_risk_fn",
                            "functional_ccy",
                        ),
                        order=("rate_sort", "-exposure_fn", "pair"),
                        flags=(
                            Flag("rate_status", "ok", "good"),
                            Flag("rate_status", "stale", "warn"),
                            Flag("rate_status", "missing", "bad"),
                        ),
                    ),
                    covers=("currency.rates",),
                    width=6,
                    height=30,
                    currency="functional_ccy",
                ),
                Panel(
                    key="levels",
                    title="Currency risk, all companies",
                    answers="Where is a currency too large a part of the book?",
                    view="v_currency_risk_analysis",
                    chart=Table(
                        columns=(
                            "legal_entity_name",
                            "loan_currency",
                            "loan_count",
                            "total_exposure_original_ccy",
                            "total_exposure_functional_ccy",
                            "entity_functional_currency",
                            "currency_exposure_pct",
                            "vol_90d_pct",
                            "fx_risk_level",
                            "hedging_recommendation",
                        ),
                        order=("legal_entity_name", "-currency_exposure_pct"),
                        flags=(
                            Flag("fx_risk_level", "High FX Risk", "bad"),
                            Flag("fx_risk_level", "Medium FX Risk", "warn"),
                            Flag("fx_risk_level", "Low FX Risk", "good"),
                            Flag("fx_risk_level", "No FX Risk", "good"),
                        ),
                    ),
                    covers=("currency.risk",),
                    width=6,
                    height=30,
                    all_companies=True,
                    currency="loan_currency",
                ),
            ),
        ),
        Row(
            "Consolidation",
            (
                Panel(
                    key="consolidated",
                    title="Loans in their own, the functional and the group currency, all companies",
                    answers="What is each part of the book worth, at which rate of which day?",
                    view="v_consolidated_multi_currency_report",
                    chart=Table(
                        columns=(
                            "legal_entity_name",
                            "loan_currency",
                            "active_loans",
                            "outstanding_original_ccy",
                            "functional_ccy",
                            "outstanding_functional_ccy",
                            "fx_rate_to_functional",
                            "fx_rate_date",
                            "group_ccy",
                            "outstanding_group_ccy",
                            "fx_rate_to_group",
                            "fx_method_to_group",
                            "is_rate_missing",
                        ),
                        order=("legal_entity_name", "loan_currency"),
                    ),
                    covers=("currency.totals",),
                    width=12,
                    height=30,
                    all_companies=True,
                    currency="loan_currency",
                ),
            ),
        ),
    ),
    notes=(
        (
            "Volatility: standard deviation of the daily changes of the rate over the setting fx_volatility_days. At "
            "risk: exposure x volatility, over all pairs."
        ),
        "A rate is stale when it is older than half of rate_maximum_age_days, missing when there is none young enough.",
        "Unrealised gain or loss: monetary balances of the ledger at the closing rate less what they are booked at.",
    ),
)
