"""All views that the oracle knows, by name."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle.figures import (
    agents,
    base,
    business,
    cache,
    cash_flow,
    collections,
    currency,
    delinquency,
    executive,
    later_conduct,
    month_ends,
    obligors,
    payment_health,
    performance,
    portfolio,
    predictive,
    regulatory,
    risk,
    signals,
    trends,
)
from tests.oracle.figures.look import Look, Row
from tests.oracle.figures.month_ends import Months

AREAS = (
    base, cache, cash_flow, collections, currency, delinquency, executive, obligors, payment_health, performance, portfolio, regulatory,
    risk, signals,
)  # fmt: skip
AREAS += (agents, business)
MONTH_AREAS = (month_ends, trends, later_conduct, predictive)

FIGURES: dict[str, Callable[[Look], list[Row]]] = {figure.__name__: figure for area in AREAS for figure in area.VIEWS}
"""Name of a view -> its rows on a day."""

MONTHLY: dict[str, Callable[[Months], list[Row]]] = {figure.__name__: figure for area in MONTH_AREAS for figure in area.VIEWS}
"""Name of a view over published month-ends -> its rows."""

NOT_COMPARED: dict[str, set[str]] = {
    "loan_position": {"computed_at"},
    "loan_position_live": {"computed_at"},
    "v_ledger_subledger_reconciliation": {"reconciled_at"},
    "v_roll_rate_matrix": {"to_sort"},
    # These stand on published month-ends, which a look at one day does not have.
    "v_collection_efficiency": {"due_ex_npl", "paid_ex_npl", "ce_ex_npl_pct"},
    "v_counterparty_risk_assessment": {"max_dpd_12m"},
    "v_weekly_cash_flow_projections": {"expected_inflow", "needs_signoff"},
}
"""Columns of a view that the oracle does not compute: moments of a computation, positions, and what a look at one day can't tell."""
