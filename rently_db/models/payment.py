"""Money that moves: payments, what they settle, disbursements and disputes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many, to_one
from .mixins import AFTER_BASE, HasId, HasUpdatedAt
from .types import CreatedAt, CurrencyCode, LegacyMoment, Moment, Money, ValueSet, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .ledger import LedgerEntry
    from .loan import Loan
    from .organisation import LegalEntity
    from .party import Party, PaymentInstrument
    from .schedule import AmortisationLine, AmortisationPlan


class PaymentDirection(StrEnum):
    """Inbound: the group is paid. Outbound: the group pays."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class PaymentStatus(StrEnum):
    """Where a payment stands; ``reversed`` is a completed one taken back (chargeback, bounced debit), unknown to v0."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


class AllocationComponent(StrEnum):
    """The part of a debt that is settled or adjusted; ``interest`` is unknown to v0, which counts it as ``other``."""

    PRINCIPAL = "principal"
    RC_FEE = "rc_fee"
    PENALTY = "penalty"
    OTHER = "other"
    INTEREST = "interest"


class DisbursementStatus(StrEnum):
    """Where a disbursement stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DisputeType(StrEnum):
    """What is contested about a payment."""

    AMOUNT_MISMATCH = "amount_mismatch"
    TIMING_ISSUE = "timing_issue"
    ALLOCATION_ERROR = "allocation_error"
    UNAUTHORIZED_PAYMENT = "unauthorized_payment"
    DUPLICATE_PAYMENT = "duplicate_payment"


class DisputeStatus(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    RESOLVED = "resolved"
    CLOSED = "closed"
    ESCALATED = "escalated"


class DisputePriority(StrEnum):
    """How urgent a dispute is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Payment(HasId, HasUpdatedAt, Base):
    """A movement of money to or from the group. One row per movement; its allocations say what it settles."""

    __tablename__ = "payment"
    __table_args__ = (
        Index(
            "one_payment_per_reference",
            text("coalesce(provider, '')"),
            "external_reference",
            unique=True,
            postgresql_where=text("external_reference IS NOT NULL"),
        ),
        # What came in or changed last, without reading every payment. Of those from before v1 it holds none.
        Index(None, "updated_at", postgresql_where=text("updated_at IS NOT NULL"), info={"since": "v1_analytics"}),
        CheckConstraint("amount > 0", name="amount_positive"),
        currency_check(),
        one_of("direction", PaymentDirection),
        one_of("status", PaymentStatus),
        CheckConstraint("status <> 'reversed' OR reversed_at IS NOT NULL", name="reversed_is_dated"),
        {"comment": "A movement of money to or from the group; one row per movement. Its allocations say what it settles."},
    )
    business_key = "external_reference"

    legal_entity_id: Mapped[UUID] = mapped_column(refers_to("legal_entity"), index=True, comment="Company that is paid or pays.")
    currency_code: Mapped[CurrencyCode] = mapped_column(comment="Currency of amount, ISO 4217.")
    amount: Mapped[Money] = mapped_column(comment="Amount moved, > 0; direction says which way. Its effective allocations never exceed it.")
    direction: Mapped[PaymentDirection] = mapped_column(
        ValueSet(PaymentDirection), comment="Inbound: the company is paid. Outbound: the company pays."
    )
    provider: Mapped[str | None] = mapped_column(comment="Bank or provider that reported the payment.")
    external_reference: Mapped[str | None] = mapped_column(
        comment="The provider's own identifier, unique within the provider: a message delivered twice is one payment."
    )
    payer_party_id: Mapped[UUID | None] = mapped_column(
        refers_to("party"), index=True, comment="Party that pays. NULL: the company itself."
    )
    payee_party_id: Mapped[UUID | None] = mapped_column(
        refers_to("party"), index=True, comment="Party that is paid. NULL: the company itself."
    )
    instrument_id: Mapped[UUID | None] = mapped_column(
        refers_to("payment_instrument"), index=True, comment="Account, card or wallet used. NULL: unknown."
    )
    received_at: Mapped[LegacyMoment | None] = mapped_column(
        index=True, comment="Moment when the money arrived, in UTC; its local date at the company is the value date. NULL: not yet."
    )
    status: Mapped[PaymentStatus] = mapped_column(
        ValueSet(PaymentStatus),
        server_default=PaymentStatus.PENDING.value,
        comment="Where the payment stands; only completed (and, until reversed_at, reversed) ones settle anything.",
    )
    processed_at: Mapped[Moment | None] = mapped_column(
        comment="Moment when the payment was allocated. NULL: not yet, or before v1, unknown."
    )
    created_at: Mapped[CreatedAt]
    reversed_at: Mapped[Moment | None] = mapped_column(
        server_default=FetchedValue(),
        server_onupdate=FetchedValue(),
        sort_order=AFTER_BASE,
        comment="Moment when the payment was taken back; figures before it still count the payment. The bridge trigger of payment dates a "
        "reversal that comes without it. NULL: not reversed.",
    )

    legal_entity: Mapped[LegalEntity] = to_one("payments")
    payer: Mapped[Party | None] = to_one("payments_made", foreign_keys="Payment.payer_party_id")
    payee: Mapped[Party | None] = to_one("payments_received", foreign_keys="Payment.payee_party_id")
    instrument: Mapped[PaymentInstrument | None] = to_one()
    allocations: Mapped[list[PaymentAllocation]] = to_many("payment")
    disputes: Mapped[list[PaymentDispute]] = to_many("payment")
    ledger_entries: Mapped[list[LedgerEntry]] = to_many("payment")


class PaymentAllocation(HasId, Base):
    """The part of a payment that settles one component of one debt. Never deleted or changed, only reversed."""

    __tablename__ = "payment_allocation"
    __table_args__ = (
        CheckConstraint("allocated_amount > 0", name="amount_positive"),
        one_of("component", AllocationComponent),
        {"comment": "The part of a payment that settles one component of a debt; one row per part. Never deleted, only reversed."},
    )
    business_key = "component"

    payment_id: Mapped[UUID] = mapped_column(refers_to("payment"), index=True, comment="Payment that settles.")
    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan that is settled.")
    plan_id: Mapped[UUID | None] = mapped_column(refers_to("amortisation_plan"), index=True, comment="Plan of the line; one of the loan's.")
    line_id: Mapped[UUID | None] = mapped_column(
        refers_to("amortisation_line"), index=True, comment="Instalment that is settled. NULL: the oldest unpaid ones of the active plan."
    )
    component: Mapped[AllocationComponent] = mapped_column(ValueSet(AllocationComponent), comment="Part of the debt that is settled.")
    allocated_amount: Mapped[Money] = mapped_column(comment="Amount settled, in the loan's currency, > 0.")
    created_at: Mapped[CreatedAt]
    reversed_at: Mapped[Moment | None] = mapped_column(
        sort_order=AFTER_BASE, comment="Moment from which the allocation no longer counts; written once. NULL: it counts."
    )

    payment: Mapped[Payment] = to_one("allocations")
    loan: Mapped[Loan] = to_one("allocations")
    plan: Mapped[AmortisationPlan | None] = to_one("allocations")
    line: Mapped[AmortisationLine | None] = to_one("allocations")


class Disbursement(HasId, HasUpdatedAt, Base):
    """Money paid out on a loan. One row per payout."""

    __tablename__ = "disbursement"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        currency_check(),
        one_of("status", DisbursementStatus),
        {"comment": "Money paid out on a loan, to the borrower or the landlord; one row per payout."},
    )
    business_key = "status"

    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan that is paid out.")
    legal_entity_id: Mapped[UUID] = mapped_column(refers_to("legal_entity"), index=True, comment="Company that pays.")
    instrument_id: Mapped[UUID] = mapped_column(refers_to("payment_instrument"), index=True, comment="Account that is credited.")
    currency_code: Mapped[CurrencyCode] = mapped_column(comment="Currency of amount, ISO 4217.")
    amount: Mapped[Money] = mapped_column(comment="Amount paid out, > 0.")
    disbursed_at: Mapped[LegacyMoment | None] = mapped_column(comment="Moment when the money left, in UTC. NULL: not yet.")
    status: Mapped[DisbursementStatus] = mapped_column(
        ValueSet(DisbursementStatus), server_default=DisbursementStatus.PENDING.value, comment="Where the payout stands."
    )
    created_at: Mapped[CreatedAt]

    loan: Mapped[Loan] = to_one("disbursements")
    legal_entity: Mapped[LegalEntity] = to_one("disbursements")
    instrument: Mapped[PaymentInstrument] = to_one()
    ledger_entries: Mapped[list[LedgerEntry]] = to_many("disbursement")


class PaymentDispute(HasId, HasUpdatedAt, Base):
    """A payment, or a missing one, that somebody contests. One row per dispute."""

    __tablename__ = "payment_disputes"
    __table_args__ = (
        CheckConstraint(
            "(expected_amount IS NULL OR expected_amount > 0) AND (actual_amount IS NULL OR actual_amount > 0)", name="amounts_positive"
        ),
        one_of("priority", DisputePriority),
        one_of("status", DisputeStatus),
        one_of("dispute_type", DisputeType, "type_check"),
        {"comment": "A payment, or a missing one, that somebody contests; one row per dispute."},
    )
    business_key = "dispute_type"

    payment_id: Mapped[UUID | None] = mapped_column(refers_to("payment"), index=True, comment="Payment in dispute. NULL: it never arrived.")
    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan in dispute.")
    dispute_type: Mapped[DisputeType] = mapped_column(ValueSet(DisputeType), comment="What is contested.")
    expected_amount: Mapped[Money | None] = mapped_column(comment="What the payment should have been, in the loan's currency, > 0.")
    actual_amount: Mapped[Money | None] = mapped_column(comment="What it was, in the loan's currency, > 0.")
    status: Mapped[DisputeStatus] = mapped_column(
        ValueSet(DisputeStatus), server_default=DisputeStatus.OPEN.value, comment="Where the dispute stands."
    )
    reported_by: Mapped[UUID] = mapped_column(refers_to("party"), index=True, comment="Party that contests.")
    assigned_to: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Party that investigates. NULL: nobody yet.")
    priority: Mapped[DisputePriority | None] = mapped_column(
        ValueSet(DisputePriority), server_default=DisputePriority.MEDIUM.value, comment="How urgent the dispute is."
    )
    created_at: Mapped[CreatedAt] = mapped_column(comment="Moment when the row was written.")
    resolved_at: Mapped[Moment | None] = mapped_column(comment="Moment of the resolution. NULL: not resolved.")
    resolution_notes: Mapped[str | None] = mapped_column(comment="How it was resolved.")

    payment: Mapped[Payment | None] = to_one("disputes")
    loan: Mapped[Loan] = to_one("disputes")
    reporter: Mapped[Party] = to_one(foreign_keys="PaymentDispute.reported_by")
    assignee: Mapped[Party | None] = to_one(foreign_keys="PaymentDispute.assigned_to")
