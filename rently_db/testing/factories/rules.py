"""Rules that are data: each holds from the start of the business year on and collides with none that a database has from the start."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Generic

from polyfactory import Use
from sqlalchemy.dialects.postgresql import Range

from rently_db.models import (
    AnalyticsSetting,
    ClassificationRule,
    DpdBucket,
    ProductLimit,
    ProvisionRate,
    SchemaVersion,
    StatusTransition,
    StatusValue,
    ThresholdOperator,
)
from rently_db.testing.factories.base import RentlyFactory, T, at, numbered, today
from rently_db.testing.factories.organisation import ProductFactory


def _new_year() -> date:
    return today().replace(month=1, day=1)


class _RuleFactory(RentlyFactory[T], Generic[T]):
    """What all rules have: in force since the first of January, taken from no law, nothing for the business to sign."""

    __is_base_factory__ = True

    valid_from = Use(_new_year)
    source = "test"
    needs_signoff = False


class DpdBucketFactory(_RuleFactory[DpdBucket]):
    """The one bucket of a scheme of its own: all days."""

    scheme = Use(numbered, "test_{}")
    label = "all"
    sort = 0
    days = Range(0, None)


class ClassificationRuleFactory(_RuleFactory[ClassificationRule]):
    """A class of its own, in Singapore, from thirty days past due on."""

    country_code = "SG"
    class_ = Use(numbered, "test_{}")
    threshold_days = 30
    operator = ThresholdOperator.OR_MORE
    probation_days = 90


class ProvisionRateFactory(_RuleFactory[ProvisionRate]):
    """A tenth of the exposure, for a class of its own, in Singapore."""

    country_code = "SG"
    class_ = Use(numbered, "test_{}")
    rate = Decimal("0.1000")


class ProductLimitFactory(_RuleFactory[ProductLimit]):
    """What a product may be in Singapore: up to 100,000.00 for three years."""

    product = ProductFactory
    country_code = "SG"
    min_amount = Decimal("100.00")
    max_amount = Decimal("100000.00")
    max_tenor_months = 36
    max_rate = Decimal("0.2400")
    max_total_fee_pct = Decimal("0.1000")


class StatusValueFactory(RentlyFactory[StatusValue]):
    """A risk level that only this database has."""

    status_type = "risk_level"
    status_value = Use(numbered, "test_{}")
    label = "Test level"
    sort = 9


class StatusTransitionFactory(_RuleFactory[StatusTransition]):
    """That a loan of a risk level of its own normally becomes normal."""

    entity = "loan"
    status_type = "risk_level"
    from_status = Use(numbered, "test_{}")
    to_status = "normal"


class AnalyticsSettingFactory(_RuleFactory[AnalyticsSetting]):
    """A setting that no figure reads."""

    key = Use(numbered, "test_{}")
    value = 1


class SchemaVersionFactory(RentlyFactory[SchemaVersion]):
    """A version that no release has."""

    version = Use(numbered, "test-{}")
    applied_at = Use(lambda: at(today()))
    description = "a test"
