"""The dashboards, one a module."""

from __future__ import annotations

from rently_db.dashboards.definitions.business import BUSINESS
from rently_db.dashboards.definitions.cash_flow import CASH_FLOW
from rently_db.dashboards.definitions.collections import COLLECTIONS
from rently_db.dashboards.definitions.compliance import COMPLIANCE
from rently_db.dashboards.definitions.currency import CURRENCY
from rently_db.dashboards.definitions.executive import EXECUTIVE
from rently_db.dashboards.definitions.payment_health import PAYMENT_HEALTH
from rently_db.dashboards.definitions.performance import PERFORMANCE
from rently_db.dashboards.definitions.portfolio import PORTFOLIO
from rently_db.dashboards.definitions.predictive import PREDICTIVE
from rently_db.dashboards.definitions.risk import RISK
from rently_db.dashboards.model import Dashboard

DASHBOARDS: tuple[Dashboard, ...] = (
    PORTFOLIO,
    CASH_FLOW,
    COLLECTIONS,
    PAYMENT_HEALTH,
    RISK,
    PERFORMANCE,
    PREDICTIVE,
    EXECUTIVE,
    BUSINESS,
    COMPLIANCE,
    CURRENCY,
)
"""All of them, by number."""
