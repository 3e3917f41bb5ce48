"""What is done about late loans, and what secures them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_one
from .mixins import AFTER_BASE, HasId, HasUpdatedAt
from .types import CreatedAt, CurrencyCode, LegacyMoment, Money, Rate, ValueSet, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .loan import Loan
    from .party import Party


class CollectionsEventType(StrEnum):
    """What was done or happened in collecting a debt."""

    FIRST_OVERDUE = "first_overdue"
    REMINDER_SENT = "reminder_sent"
    CALL_ATTEMPT = "call_attempt"
    CALL_SUCCESSFUL = "call_successful"
    PAYMENT_ARRANGEMENT = "payment_arrangement"
    LEGAL_NOTICE = "legal_notice"
    LAWYER_LETTER = "lawyer_letter"
    COURT_FILING = "court_filing"
    ASSET_RECOVERY = "asset_recovery"
    WRITE_OFF = "write_off"
    SETTLEMENT_OFFER = "settlement_offer"
    SETTLEMENT_ACCEPTED = "settlement_accepted"


class ResolutionStatus(StrEnum):
    """Where the matter that an event opened stands."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    CLOSED = "closed"


class SecurityType(StrEnum):
    """What secures a loan."""

    PROPERTY = "property"
    VEHICLE = "vehicle"
    DEPOSIT = "deposit"
    GUARANTEE = "guarantee"
    OTHER = "other"


class SecurityStatus(StrEnum):
    """Whether a security can still be called."""

    ACTIVE = "active"
    RELEASED = "released"
    EXPIRED = "expired"
    ENFORCED = "enforced"


class CollectionsEvent(HasId, HasUpdatedAt, Base):
    """Something done or happened in collecting a loan. One row per event."""

    __tablename__ = "collections_event"
    __table_args__ = (
        CheckConstraint("amount_involved IS NULL OR amount_involved > 0", name="amount_positive"),
        CheckConstraint("consecutive_missed_payments >= 0", name="consecutive_non_negative"),
        currency_check(optional=True),
        CheckConstraint("dpd_snapshot >= 0", name="dpd_non_negative"),
        one_of("resolution_status", ResolutionStatus, "resolution_check", or_null=True),
        one_of("event_type", CollectionsEventType, "type_check"),
        {"comment": "Something done or happened in collecting a loan: reminder, call, notice, write-off; one row per event."},
    )
    business_key = "event_type"

    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan that is collected.")
    event_type: Mapped[CollectionsEventType] = mapped_column(ValueSet(CollectionsEventType), comment="What was done or happened.")
    event_at: Mapped[LegacyMoment] = mapped_column(server_default=text("timezone('utc', now())"), comment="Moment of the event, in UTC.")
    actor_party_id: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Party that acted. NULL: a system.")
    dpd_snapshot: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Days past due as the writer knew them at the event, >= 0. A note: figures compute their own."
    )
    amount_involved: Mapped[Money | None] = mapped_column(comment="Amount demanded, promised, recovered or written off, > 0. NULL: none.")
    currency_code: Mapped[CurrencyCode | None] = mapped_column(comment="Currency of amount_involved, ISO 4217.")
    consecutive_missed_payments: Mapped[int | None] = mapped_column(
        server_default=text("0"), comment="Instalments missed in a row at the event, >= 0. NULL: before v1, unknown."
    )
    escalation_trigger: Mapped[str | None] = mapped_column(comment="What made the case go a stage further.")
    resolution_status: Mapped[ResolutionStatus | None] = mapped_column(
        ValueSet(ResolutionStatus), comment="Where the matter stands. NULL: nothing to resolve, or before v1, unknown."
    )
    next_action_date: Mapped[date | None] = mapped_column(comment="Day on which somebody must act next. NULL: none planned.")
    notes: Mapped[str | None] = mapped_column(comment="What was said. May hold personal data.")

    loan: Mapped[Loan] = to_one("collections_events")
    actor: Mapped[Party | None] = to_one()


class SecurityInterest(HasId, HasUpdatedAt, Base):
    """Something that secures a loan. One row per loan and security."""

    __tablename__ = "security_interest"
    __table_args__ = (
        currency_check("value_ccy", optional=True),
        CheckConstraint("expiry_date IS NULL OR registration_date IS NULL OR expiry_date > registration_date", name="dates_check"),
        one_of("status", SecurityStatus),
        one_of("type", SecurityType),
        CheckConstraint("value_amount IS NULL OR value_amount > 0", name="value_positive"),
        CheckConstraint("haircut_pct <= 1", name="haircut_at_most_all"),
        {"comment": "Something that secures a loan: property, deposit, guarantee; one row per loan and security."},
    )
    business_key = "type"

    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan that is secured.")
    type: Mapped[SecurityType] = mapped_column(ValueSet(SecurityType), comment="What secures the loan.")
    party_id: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Guarantor or owner. NULL: the borrower.")
    description: Mapped[str | None] = mapped_column(comment="What exactly: address, plate, account.")
    value_amount: Mapped[Money | None] = mapped_column(comment="Value before the haircut, in value_ccy, > 0. NULL: not valued.")
    value_ccy: Mapped[CurrencyCode | None] = mapped_column(comment="Currency of value_amount, ISO 4217.")
    registration_date: Mapped[date | None] = mapped_column(comment="Day on which the security was registered. NULL: not, or unknown.")
    expiry_date: Mapped[date | None] = mapped_column(comment="Day on which it lapses, after registration_date. NULL: it does not.")
    status: Mapped[SecurityStatus | None] = mapped_column(
        ValueSet(SecurityStatus),
        server_default=SecurityStatus.ACTIVE.value,
        comment="Whether it can still be called. NULL: before v1, unknown.",
    )
    created_at: Mapped[CreatedAt]
    haircut_pct: Mapped[Rate | None] = mapped_column(
        sort_order=AFTER_BASE,
        comment="Fraction of the value that provisioning does not count, 0 to 1: 0.2000 is 20 %. NULL: not decided.",
    )

    loan: Mapped[Loan] = to_one("securities")
    party: Mapped[Party | None] = to_one("securities")
