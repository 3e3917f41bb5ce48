"""People and companies, how they pay, and what they apply for."""

from __future__ import annotations

from decimal import Decimal

from polyfactory import PostGenerated, Use

from rently_db.models import (
    Application,
    ApplicationStatus,
    Decision,
    DecisionOutcome,
    InstrumentType,
    Party,
    PartyKind,
    PaymentInstrument,
)
from rently_db.synth import names
from rently_db.testing.factories.base import RentlyFactory, Values, at, days_before, numbered
from rently_db.testing.factories.organisation import LegalEntityFactory, ProductFactory

_PERSONS = (PartyKind.INDIVIDUAL, PartyKind.AGENT, PartyKind.GUARANTOR)
_LOCALE = names.LOCALES["SG"]


def _name(_: str, values: Values) -> str:
    person = values["kind"] in _PERSONS
    return (names.person if person else names.firm)(RentlyFactory.run.random, _LOCALE)


def _email(_: str, values: Values) -> str:
    return f"{'.'.join(values['display_name'].lower().split())}.{RentlyFactory.number()}@example.com"


class PartyFactory(RentlyFactory[Party]):
    """A person; with ``kind=PartyKind.CORPORATE``, ``BROKER`` or ``LANDLORD`` a company."""

    kind = PartyKind.INDIVIDUAL
    display_name = PostGenerated(_name)
    email = PostGenerated(_email)
    phone = Use(lambda: names.phone(RentlyFactory.run.random, _LOCALE))
    external_ref = Use(numbered, "TEST-{:06d}")
    kyc_identifier = Use(numbered, "S{:07d}Z")


class PaymentInstrumentFactory(RentlyFactory[PaymentInstrument]):
    """A bank account in SGD."""

    party = PartyFactory
    instrument_type = InstrumentType.BANK_ACCOUNT
    currency_code = "SGD"
    bank_name = "DBS Bank"
    account_name = PostGenerated(lambda _, values: values["party"].display_name)
    account_number = Use(numbered, "{:010d}")


class ApplicationFactory(RentlyFactory[Application]):
    """An application for 12,000.00 over a year, just submitted."""

    application_number = Use(numbered, "APP-T-{:06d}")
    product = ProductFactory
    legal_entity = LegalEntityFactory
    applicant = PartyFactory
    requested_amount = Decimal("12000.00")
    requested_currency = PostGenerated(lambda _, values: values["legal_entity"].functional_ccy)
    tenor_months = 12
    status = ApplicationStatus.SUBMITTED


def _decided(_: str, values: Values) -> Application:
    """An application that stands where the decision leaves it."""
    status = {DecisionOutcome.APPROVED: ApplicationStatus.APPROVED, DecisionOutcome.REJECTED: ApplicationStatus.REJECTED}
    return ApplicationFactory.build(status=status.get(values["outcome"], ApplicationStatus.UNDER_REVIEW))


def _approved_amount(_: str, values: Values) -> Decimal | None:
    approved = values["outcome"] == DecisionOutcome.APPROVED
    return values["application"].requested_amount if approved else None


def _approved_currency(_: str, values: Values) -> str | None:
    return None if values["approved_amount"] is None else values["application"].requested_currency


class DecisionFactory(RentlyFactory[Decision]):
    """An approval of what was asked for; ``outcome=DecisionOutcome.REJECTED`` rejects it. The application stands where this leaves it."""

    outcome = DecisionOutcome.APPROVED
    application = PostGenerated(_decided)
    approved_amount = PostGenerated(_approved_amount)
    approved_currency = PostGenerated(_approved_currency)
    decided_by = "credit committee"
    decided_at = Use(lambda: at(days_before(15)))
    reason = "within policy"
