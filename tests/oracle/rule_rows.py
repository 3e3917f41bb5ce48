"""Rules as data, as the oracle reads them: a dataclass a table, with the days on which each row holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class DpdBucket:
    """Table dpd_bucket; ``days`` has inclusive ``lower`` and exclusive ``upper`` (None: unbounded)."""

    scheme: str
    label: str
    sort: int
    days: Any
    valid_from: date
    valid_through: date | None


@dataclass(frozen=True, slots=True)
class ClassificationRule:
    """Table classification_rule."""

    country_code: str
    class_: str
    threshold_days: int
    operator: str
    probation_days: int
    valid_from: date
    valid_through: date | None
    source: str
    needs_signoff: bool


@dataclass(frozen=True, slots=True)
class ProvisionRate:
    """Table provision_rate."""

    country_code: str
    product_category: str | None
    class_: str
    rate: Decimal
    valid_from: date
    valid_through: date | None
    needs_signoff: bool


@dataclass(frozen=True, slots=True)
class ProductLimit:
    """Table product_limit."""

    product_id: str | None
    product_category: str | None
    country_code: str
    min_amount: Decimal | None
    max_amount: Decimal | None
    max_tenor_months: int | None
    max_rate: Decimal | None
    max_total_fee_pct: Decimal | None
    valid_from: date
    valid_through: date | None
    source: str
    needs_signoff: bool


@dataclass(frozen=True, slots=True)
class StatusValue:
    """Table status_value."""

    status_type: str
    status_value: str
    sort: int


@dataclass(frozen=True, slots=True)
class AnalyticsSetting:
    """Table analytics_setting."""

    key: str
    value: Any
    valid_from: date
    valid_through: date | None
    needs_signoff: bool
