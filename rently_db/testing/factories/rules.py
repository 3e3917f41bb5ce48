"""Rules that are data: each holds from the start of the business year on and collides with none that a database has from the start."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

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
from rently_db.testing.factories.base import RentlyFactory, at, numbered, today
from rently_db.testing.factories.organisation import ProductFactory

_SOURCE = "test"


def _new_year() -> date:
    return today().replace(month=1, day=1)


class DpdBucketFactory(RentlyFactory[DpdBucket]):
    """The one bucket of a scheme of its own: all days."""

    scheme = Use(numbered, "test_{}")
    label = "all"
    sort = 0
    days = Range(0, None)
    valid_from = Use(_new_year)
    source = _SOURCE
    needs_signoff = False


class ClassificationRuleFactory(RentlyFactory[ClassificationRule]):
    """A class of its own, in Singapore, from thirty days past due on."""

    country_code = "SG"
    class_ = Use(numbered, "test_{}")
    threshold_days = 30
    operator = ThresholdOperator.OR_MORE
    probation_days = 90
    valid_from = Use(_new_year)
    source = _SOURCE
    needs_signoff = False


class ProvisionRateFactory(RentlyFactory[ProvisionRate]):
    """A tenth of the exposure, for a class of its own, in Singapore."""

    country_code = "SG"
    class_ = Use(numbered, "test_{}")
    rate = Decimal("0.1000")
    valid_from = Use(_new_year)
    source = _SOURCE
    needs_signoff = False


class ProductLimitFactory(RentlyFactory[ProductLimit]):
    """What a product may be in Singapore: up to 100,000.00 for three years."""

    product = ProductFactory
    country_code = "SG"
    min_amount = Decimal("100.00")
    max_amount = Decimal("100000.00")
    max_tenor_months = 36
    max_rate = Decimal("0.2400")
    max_total_fee_pct = Decimal("0.1000")
    valid_from = Use(_new_year)
    source = _SOURCE
    needs_signoff = False


class StatusValueFactory(RentlyFactory[StatusValue]):
    """A risk level that only this database has."""

    status_type = "risk_level"
    status_value = Use(numbered, "test_{}")
    label = "Test level"
    sort = 9


class StatusTransitionFactory(RentlyFactory[StatusTransition]):
    """That a loan of a risk level of its own normally becomes normal."""

    entity = "loan"
    status_type = "risk_level"
    from_status = Use(numbered, "test_{}")
    to_status = "normal"
    valid_from = Use(_new_year)
    source = _SOURCE
    needs_signoff = False


class AnalyticsSettingFactory(RentlyFactory[AnalyticsSetting]):
    """A setting that no figure reads."""

    key = Use(numbered, "test_{}")
    value = 1
    valid_from = Use(_new_year)
    source = _SOURCE
    needs_signoff = False


class SchemaVersionFactory(RentlyFactory[SchemaVersion]):
    """A version that no release has."""

    version = Use(numbered, "test-{}")
    applied_at = Use(lambda: at(today()))
    description = "a test"
