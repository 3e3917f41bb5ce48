"""Rules as data: what figures and checks depend on, with the days on which it holds and where it comes from."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func
from sqlalchemy.dialects.postgresql import INT4RANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_one
from .mixins import EffectiveDated, HasId, effective_dated
from .organisation import ProductCategory
from .types import CountryCode, Moment, Money, Rate, ValueSet, country_check, one_of, refers_to, word_check

if TYPE_CHECKING:
    from .organisation import Product


class ThresholdOperator(StrEnum):
    """Whether the threshold itself is still within (more_than) or already beyond (or_more)."""

    MORE_THAN = "more_than"
    OR_MORE = "or_more"


class DpdBucket(HasId, EffectiveDated, Base):
    """A range of days past due. One row per scheme, range and period."""

    __tablename__ = "dpd_bucket"
    __table_args__ = (
        *effective_dated("dpd_bucket", "scheme", overlaps="days"),
        word_check("scheme"),
        CheckConstraint("sort >= 0", name="sort_non_negative"),
        CheckConstraint("NOT isempty(days) AND NOT lower_inf(days) AND lower(days) >= 0", name="days_check"),
        {"comment": "A range of days past due that reports group loans by; one row per scheme, range and period."},
    )
    business_key = "label"

    scheme: Mapped[str] = mapped_column(comment="Set of buckets that belong together and cover all days past due.")
    label: Mapped[str] = mapped_column(comment="Name of the bucket in reports, e.g. 31-60.")
    sort: Mapped[int] = mapped_column(comment="Position of the bucket within its scheme, >= 0.")
    days: Mapped[Range[int]] = mapped_column(
        INT4RANGE(), comment="Days past due in the bucket, from 0; the last bucket has no upper bound."
    )


class ClassificationRule(HasId, EffectiveDated, Base):
    """From how many days past due a loan is in a class. One row per country, class and period."""

    __tablename__ = "classification_rule"
    __table_args__ = (
        *effective_dated("classification_rule", "country_code", "class"),
        country_check(),
        word_check("class"),
        one_of("operator", ThresholdOperator),
        CheckConstraint("threshold_days >= 0", name="threshold_days_non_negative"),
        CheckConstraint("probation_days >= 0", name="probation_days_non_negative"),
        {"comment": "From how many days past due a loan is in a class; one row per country, class and period."},
    )
    business_key = "class_"

    country_code: Mapped[CountryCode] = mapped_column(comment="Country whose regulator's rule it is, ISO 3166-1 alpha-2.")
    class_: Mapped[str] = mapped_column("class", comment="Class of the loan, e.g. substandard.")
    threshold_days: Mapped[int] = mapped_column(comment="Days past due at the class's lower edge, >= 0.")
    operator: Mapped[ThresholdOperator] = mapped_column(
        ValueSet(ThresholdOperator), comment="Whether the class begins at threshold_days (or_more) or on the day after (more_than)."
    )
    probation_days: Mapped[int] = mapped_column(comment="Days of good conduct before the loan may leave the class, >= 0.")


class ProvisionRate(HasId, EffectiveDated, Base):
    """What fraction of an exposure is set aside. One row per country, product category (or all), class and period."""

    __tablename__ = "provision_rate"
    __table_args__ = (
        *effective_dated("provision_rate", "country_code", "coalesce(product_category, '')", "class"),
        country_check(),
        one_of("product_category", ProductCategory),
        word_check("class"),
        CheckConstraint("rate <= 1", name="rate_at_most_all"),
        {"comment": "What fraction of an exposure is set aside; one row per country, product category (or all), class and period."},
    )
    business_key = "class_"

    country_code: Mapped[CountryCode] = mapped_column(comment="Country of the lending company, ISO 3166-1 alpha-2.")
    product_category: Mapped[ProductCategory | None] = mapped_column(
        ValueSet(ProductCategory), comment="Category the rate is for. NULL: every category that has no row of its own."
    )
    class_: Mapped[str] = mapped_column("class", comment="Class or stage of the loan, as classification_rule names it.")
    rate: Mapped[Rate] = mapped_column(comment="Fraction of the exposure after collateral, 0 to 1: 0.2000 is 20 %.")


class ProductLimit(HasId, EffectiveDated, Base):
    """What a loan of a product, or of a category, may be. One row per product or category, country and period."""

    __tablename__ = "product_limit"
    __table_args__ = (
        *effective_dated("product_limit", "coalesce(product_id::text, product_category)", "country_code"),
        country_check(),
        one_of("product_category", ProductCategory),
        CheckConstraint("num_nonnulls(product_id, product_category) = 1", name="one_subject"),
        CheckConstraint("min_amount >= 0 AND (max_amount IS NULL OR max_amount > 0)", name="amounts_check"),
        CheckConstraint("min_amount IS NULL OR max_amount IS NULL OR max_amount >= min_amount", name="amounts_in_order"),
        CheckConstraint("max_tenor_months > 0", name="max_tenor_months_positive"),
        {"comment": "What a loan of a product, or of a category, may be; one row per product or category, country and period."},
    )
    business_key = "product_category"

    product_id: Mapped[UUID | None] = mapped_column(
        refers_to("product"),
        index=True,
        comment="Product that is limited; stronger than a limit of its category. NULL: see product_category.",
    )
    product_category: Mapped[ProductCategory | None] = mapped_column(
        ValueSet(ProductCategory), comment="Category that is limited. NULL: see product_id."
    )
    country_code: Mapped[CountryCode] = mapped_column(comment="Country of the lending company, ISO 3166-1 alpha-2.")
    min_amount: Mapped[Money | None] = mapped_column(
        comment="Smallest principal, in the country's functional currency, >= 0. NULL: no limit."
    )
    max_amount: Mapped[Money | None] = mapped_column(
        comment="Largest principal, in the country's functional currency, > 0. NULL: no limit."
    )
    max_tenor_months: Mapped[int | None] = mapped_column(comment="Longest term in months, > 0. NULL: no limit.")
    max_rate: Mapped[Rate | None] = mapped_column(comment="Highest interest per year as a fraction: 0.2400 is 24 %. NULL: no limit.")
    max_total_fee_pct: Mapped[Rate | None] = mapped_column(
        comment="Highest sum of all fees as a fraction of the principal: 0.1000 is 10 %. NULL: no limit."
    )

    product: Mapped[Product | None] = to_one("limits")


class StatusValue(Base):
    """A value that a status may have. One row per aspect and value; loan_status_history refers to it."""

    __tablename__ = "status_value"
    __table_args__ = (
        word_check("status_type"),
        word_check("status_value"),
        CheckConstraint("sort >= 0", name="sort_non_negative"),
        {"comment": "A value that a status may have: value sets that live in data; one row per aspect and value."},
    )
    business_key = "status_value"

    status_type: Mapped[str] = mapped_column(primary_key=True, comment="Aspect, e.g. collections_stage.")
    status_value: Mapped[str] = mapped_column(primary_key=True, comment="Value, e.g. overdue.")
    label: Mapped[str] = mapped_column(comment="Name of the value in reports.")
    sort: Mapped[int] = mapped_column(comment="Position of the value within its aspect, >= 0; higher is worse or later.")


class StatusTransition(HasId, EffectiveDated, Base):
    """A change of status that is normal. One row per entity, aspect, pair of values and period; others are reported, not refused."""

    __tablename__ = "status_transition"
    __table_args__ = (
        *effective_dated("status_transition", "entity", "status_type", "coalesce(\"from\", '')", '"to"'),
        ForeignKeyConstraint(["status_type", "to"], ["status_value.status_type", "status_value.status_value"], ondelete="RESTRICT"),
        Index(None, "status_type", "to"),
        word_check("entity"),
        word_check("status_type"),
        word_check('"from"'),
        word_check('"to"'),
        CheckConstraint('"from" <> "to"', name="values_different"),
        {"comment": "A change of status that is normal, others are reported; one row per entity, aspect, pair of values and period."},
    )
    business_key = "to_status"

    entity: Mapped[str] = mapped_column(comment="Table whose rows change, e.g. loan.")
    status_type: Mapped[str] = mapped_column(comment="Aspect that changes, e.g. collections_stage.")
    from_status: Mapped[str | None] = mapped_column("from", comment="Value before the change. NULL: the first value a row may get.")
    to_status: Mapped[str] = mapped_column("to", comment="Value after the change.")


class AnalyticsSetting(HasId, EffectiveDated, Base):
    """A setting of the figures. One row per key and period."""

    __tablename__ = "analytics_setting"
    __table_args__ = (
        *effective_dated("analytics_setting", "key"),
        word_check("key"),
        {"comment": "A setting of the figures: group currency, maximum age of a rate, credit conversion; one row per key and period."},
    )
    business_key = "key"

    key: Mapped[str] = mapped_column(comment="Name of the setting.")
    value: Mapped[Any] = mapped_column(JSONB(), nullable=False, comment="The value; its JSON type depends on the key.")


class SchemaVersion(Base):
    """A released version of this schema that the database has reached. One row per version."""

    __tablename__ = "schema_version"
    __table_args__ = ({"comment": "A released version of this schema that the database has reached; one row per version."},)
    business_key = "version"

    version: Mapped[str] = mapped_column(primary_key=True, comment="Name of the version, e.g. v1.")
    applied_at: Mapped[Moment | None] = mapped_column(server_default=func.now(), comment="Moment when the database reached it.")
    description: Mapped[str | None] = mapped_column(comment="What the version brought.")
