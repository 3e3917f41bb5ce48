"""Who lends, what is offered, and what money is worth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from string import ascii_uppercase

from polyfactory import PostGenerated, Use

from rently_db.models import BusinessUnit, Currency, FxRate, LegalEntity, Product, ProductCategory
from rently_db.testing.factories.base import RentlyFactory, Values, numbered, today

_CURRENCIES = {"SG": "SGD", "AE": "AED"}
_UNITS = {ProductCategory.B2B_SME: BusinessUnit.COMMERCIAL}


def _currency_of(_: str, values: Values) -> str:
    return _CURRENCIES[values["country_code"]]


def _unit_of(_: str, values: Values) -> BusinessUnit:
    return _UNITS.get(values["category"], BusinessUnit.RESIDENTIAL)


def _unassigned_code() -> str:
    """A code that ISO 4217 has not given away: 676 of them, from QAA on."""
    number = RentlyFactory.number() % 676
    return f"Q{ascii_uppercase[number // 26]}{ascii_uppercase[number % 26]}"


class CurrencyFactory(RentlyFactory[Currency]):
    """A currency that no database has yet; real ones are there from the start."""

    code = Use(_unassigned_code)
    name = Use(numbered, "Test money {}")
    minor_units = 2


class FxRateFactory(RentlyFactory[FxRate]):
    """A rate of SGD in USD, each one a day older than the one before."""

    as_of_date = Use(lambda: today() - timedelta(days=RentlyFactory.number()))
    from_ccy = "SGD"
    to_ccy = "USD"
    rate = Decimal("0.774000")
    source = "Test"


class LegalEntityFactory(RentlyFactory[LegalEntity]):
    """A lending company in Singapore; ``country_code="AE"`` keeps its books in AED."""

    name = Use(numbered, "Test Lending {} Pte Ltd")
    registration_no = Use(numbered, "T{:09d}")
    country_code = "SG"
    functional_ccy = PostGenerated(_currency_of)


class ProductFactory(RentlyFactory[Product]):
    """A product for tenants; ``category=ProductCategory.B2B_SME`` makes it one for businesses."""

    code = Use(numbered, "TEST_{:06d}")
    name = "Test product"
    category = ProductCategory.RENTLY_CARE_D2C
    business_unit = PostGenerated(_unit_of)
