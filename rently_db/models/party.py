"""People and companies, what they are to a loan, and how they pay."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many, to_one
from .mixins import AFTER_BASE, HasId, HasUpdatedAt
from .types import CreatedAt, CurrencyCode, ValueSet, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .application import Application
    from .loan import Loan
    from .payment import Payment
    from .recovery import SecurityInterest


class PartyKind(StrEnum):
    """What a party is by itself, whatever its loans."""

    INDIVIDUAL = "individual"
    CORPORATE = "corporate"
    AGENT = "agent"
    BROKER = "broker"
    LANDLORD = "landlord"
    GUARANTOR = "guarantor"


class RoleKind(StrEnum):
    """What a party is to one loan."""

    BORROWER = "borrower"
    GUARANTOR = "guarantor"
    BROKER = "broker"
    LANDLORD = "landlord"
    AGENT = "agent"


class InstrumentType(StrEnum):
    """A way to pay or to be paid."""

    BANK_ACCOUNT = "bank_account"
    CREDIT_CARD = "credit_card"
    DEBIT_CARD = "debit_card"
    E_WALLET = "e_wallet"


class Party(HasId, HasUpdatedAt, Base):
    """A person or company the group deals with. One row per person or company."""

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint(r"email IS NULL OR email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'", name="email_check"),
        one_of("kind", PartyKind),
        {"comment": "A person or company the group deals with: borrower, guarantor, landlord, agent; one row per person or company."},
    )
    business_key = "kind"

    kind: Mapped[PartyKind] = mapped_column(
        ValueSet(PartyKind), comment="What the party is by itself; its part in a loan is in party_role."
    )
    display_name: Mapped[str] = mapped_column(comment="Name to show. Personal data; no key: two people may share a name.")
    email: Mapped[str | None] = mapped_column(comment="E-mail address. Personal data.")
    phone: Mapped[str | None] = mapped_column(comment="Telephone number as given. Personal data.")
    external_ref: Mapped[str | None] = mapped_column(comment="The party's identifier in the system it came from.")
    kyc_identifier: Mapped[str | None] = mapped_column(comment="Identity document or company number checked for KYC. Personal data.")
    is_active: Mapped[bool | None] = mapped_column(server_default=true(), comment="False once the group no longer deals with the party.")
    created_at: Mapped[CreatedAt]
    obligor_group_id: Mapped[UUID | None] = mapped_column(
        refers_to("party"),
        index=True,
        sort_order=AFTER_BASE,
        comment="Party that stands for the group of connected obligors this one belongs to: exposures and days past due add up over the "
        "group. NULL: the party is its own group.",
    )

    obligor_group: Mapped[Party | None] = to_one("group_members", remote_side="Party.id")
    group_members: Mapped[list[Party]] = to_many("obligor_group")
    roles: Mapped[list[PartyRole]] = to_many("party")
    instruments: Mapped[list[PaymentInstrument]] = to_many("party")
    applications: Mapped[list[Application]] = to_many("applicant")
    loans: Mapped[list[Loan]] = to_many("borrower", foreign_keys="Loan.borrower_party_id")
    agent_loans: Mapped[list[Loan]] = to_many("agent", foreign_keys="Loan.agent_party_id")
    payments_made: Mapped[list[Payment]] = to_many("payer", foreign_keys="Payment.payer_party_id")
    payments_received: Mapped[list[Payment]] = to_many("payee", foreign_keys="Payment.payee_party_id")
    securities: Mapped[list[SecurityInterest]] = to_many("party")


class PartyRole(HasId, Base):
    """What a party is to a loan, for a time. One row per party, loan, role and first day."""

    __tablename__ = "party_role"
    __table_args__ = (
        UniqueConstraint("party_id", "loan_id", "role", "effective_from"),
        Index("one_current_party_role", "party_id", "loan_id", "role", unique=True, postgresql_where=text("effective_through IS NULL")),
        one_of("role", RoleKind, "check"),
        CheckConstraint("effective_through IS NULL OR effective_through > effective_from", name="dates_check"),
        {"comment": "What a party is to a loan, for a time; one row per party, loan, role and first day."},
    )
    business_key = "role"

    party_id: Mapped[UUID] = mapped_column(refers_to("party"), comment="Party that has the role.")
    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan in which the party has the role.")
    role: Mapped[RoleKind] = mapped_column(ValueSet(RoleKind), comment="What the party is to the loan.")
    effective_from: Mapped[date | None] = mapped_column(
        server_default=text("CURRENT_DATE"), comment="First day of the role. For roles from before v1: the loan's start_date."
    )
    effective_through: Mapped[date | None] = mapped_column(comment="First day on which the role is over. NULL: it is current.")
    created_at: Mapped[CreatedAt]

    party: Mapped[Party] = to_one("roles")
    loan: Mapped[Loan] = to_one("party_roles")


class PaymentInstrument(HasId, HasUpdatedAt, Base):
    """A bank account, card or wallet of a party. One row per instrument; it goes when its party goes."""

    __tablename__ = "payment_instrument"
    __table_args__ = (
        Index(
            "one_default_instrument",
            "party_id",
            "currency_code",
            unique=True,
            postgresql_where=text("is_default AND is_active IS DISTINCT FROM false"),
        ),
        currency_check(),
        one_of("instrument_type", InstrumentType, "type_check"),
        {"comment": "A bank account, card or wallet by which a party pays or is paid; one row per instrument."},
    )
    business_key = "instrument_type"

    party_id: Mapped[UUID] = mapped_column(
        refers_to("party", ondelete="CASCADE"), index=True, comment="Owner; deleting it deletes this row."
    )
    instrument_type: Mapped[InstrumentType] = mapped_column(ValueSet(InstrumentType), comment="Kind of instrument.")
    currency_code: Mapped[CurrencyCode] = mapped_column(refers_to("currency", "code"), comment="Currency it is held in, ISO 4217.")
    bank_name: Mapped[str | None] = mapped_column(comment="Bank or issuer.")
    account_name: Mapped[str | None] = mapped_column(comment="Name of the holder as the bank knows it. Personal data.")
    account_number: Mapped[str | None] = mapped_column(comment="Account number, IBAN or masked card number. Personal data.")
    provider_ref: Mapped[str | None] = mapped_column(comment="Token by which the payment provider knows the instrument.")
    is_default: Mapped[bool | None] = mapped_column(
        server_default=false(),
        server_onupdate=FetchedValue(),
        comment="True for the instrument the party uses in this currency unless told otherwise: at most one that is active. The bridge "
        "trigger of payment_instrument clears the older default when a new one takes over.",
    )
    is_active: Mapped[bool | None] = mapped_column(server_default=true(), comment="False once it must not be used any more.")
    created_at: Mapped[CreatedAt]

    party: Mapped[Party] = to_one("instruments")
