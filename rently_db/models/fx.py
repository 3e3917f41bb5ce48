"""Currencies and what they are worth in each other."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .mixins import HasId
from .types import CreatedAt, CurrencyCode, ExchangeRate, currency_check, refers_to


class Currency(Base):
    """A currency that the group may deal in. One row per ISO 4217 code."""

    __tablename__ = "currency"
    __table_args__ = (
        currency_check("code", "code_check"),
        CheckConstraint("minor_units BETWEEN 0 AND 4", name="minor_units_check"),
        {"comment": "A currency that the group may deal in; one row per ISO 4217 code."},
    )
    business_key = "code"

    code: Mapped[CurrencyCode] = mapped_column(primary_key=True, comment="Code of the currency, ISO 4217.")
    name: Mapped[str] = mapped_column(comment="Name of the currency in English.")
    minor_units: Mapped[int] = mapped_column(SmallInteger(), comment="Decimals of the smallest unit, 0 to 4: 2 for SGD, 0 for JPY.")


class FxRate(HasId, Base):
    """What one currency was worth in another on a day, by a source. One row per day, pair and source."""

    __tablename__ = "fx_rate"
    __table_args__ = (
        UniqueConstraint("as_of_date", "from_ccy", "to_ccy", "source"),
        CheckConstraint("from_ccy <> to_ccy", name="currencies_different"),
        currency_check("from_ccy", "from_ccy_check"),
        CheckConstraint("rate > 0 AND rate < 1e12", name="positive"),
        currency_check("to_ccy", "to_ccy_check"),
        {"comment": "What one currency was worth in another on a day, by a source; one row per day, pair and source."},
    )
    business_key = "as_of_date"

    as_of_date: Mapped[date] = mapped_column(comment="Day of the rate.")
    from_ccy: Mapped[CurrencyCode] = mapped_column(refers_to("currency", "code"), comment="Currency that is converted, ISO 4217.")
    to_ccy: Mapped[CurrencyCode] = mapped_column(refers_to("currency", "code"), comment="Currency it is converted to, ISO 4217.")
    rate: Mapped[ExchangeRate] = mapped_column(comment="Units of to_ccy for one unit of from_ccy, > 0, in full precision.")
    source: Mapped[str] = mapped_column(comment="Who published the rate.")
    created_at: Mapped[CreatedAt]
