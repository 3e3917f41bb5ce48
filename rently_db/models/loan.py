"""Loans, and what happens to them besides payments: status, transfers, adjustments, flags."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many, to_one
from .mixins import HasId, HasUpdatedAt
from .payment import AllocationComponent
from .types import CreatedAt, CurrencyCode, Moment, Money, Rate, RecordedAt, ValueSet, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .application import Application
    from .ledger import LedgerEntry
    from .organisation import LegalEntity, Product
    from .party import Party, PartyRole
    from .payment import Disbursement, PaymentAllocation, PaymentDispute
    from .recovery import CollectionsEvent, SecurityInterest
    from .rules import StatusValue
    from .schedule import AmortisationLine, AmortisationPlan


class LoanStatus(StrEnum):
    """Where a loan stands as a contract; whether it is late is computed, never stored here."""

    ACTIVE = "active"
    CLOSED = "closed"
    WRITTEN_OFF = "written_off"
    TRANSFERRED = "transferred"


class StatusType(StrEnum):
    """The aspects of a loan whose history is kept; the values of each are rows of ``status_value``."""

    RISK_LEVEL = "risk_level"
    COLLECTIONS_STAGE = "collections_stage"
    LEGAL_ACTION = "legal_action"
    OPERATIONAL_STATUS = "operational_status"


class TransferType(StrEnum):
    """Why a balance moves from one loan to another."""

    APARTMENT_CHANGE = "apartment_change"
    LEASE_RENEWAL = "lease_renewal"
    REFINANCE = "refinance"
    CONSOLIDATION = "consolidation"


class TransferStatus(StrEnum):
    """Where a transfer stands."""

    PENDING = "pending"
    APPROVED = "approved"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class AdjustmentKind(StrEnum):
    """Why a borrower owes less, or gets back, without a payment."""

    WAIVER = "waiver"
    WRITE_OFF = "write_off"
    REFUND = "refund"
    TRANSFER = "transfer"


class LoanFlagKind(StrEnum):
    """A judgement about a loan that classification, staging or days past due take into account."""

    FORBORNE = "forborne"
    UNLIKELY_TO_PAY = "unlikely_to_pay"
    SIGNIFICANT_INCREASE = "significant_increase"
    PAYMENT_PAUSE = "payment_pause"


class Loan(HasId, HasUpdatedAt, Base):
    """A loan contract. One row per loan number; what is owed when is in its active amortisation plan."""

    __tablename__ = "loan"
    __table_args__ = (
        UniqueConstraint("loan_number"),
        CheckConstraint("principal_amount > 0", name="amounts_positive"),
        currency_check(),
        CheckConstraint("end_date > start_date", name="dates_check"),
        CheckConstraint(r"installment_period IS NULL OR installment_period ~* '^\d+/\d+$'", name="installment_period_check"),
        CheckConstraint(
            "lease_end_date IS NULL OR lease_start_date IS NULL OR lease_end_date > lease_start_date", name="lease_dates_check"
        ),
        one_of("status", LoanStatus),
        {"comment": "A loan contract; one row per loan number. What is owed when is in its active amortisation plan."},
    )
    business_key = "loan_number"

    loan_number: Mapped[str] = mapped_column(comment="Number by which the borrower and the books know the loan.")
    application_id: Mapped[UUID | None] = mapped_column(
        refers_to("application"), index=True, comment="Application it was granted on. NULL: granted without one, e.g. a transfer."
    )
    product_id: Mapped[UUID] = mapped_column(refers_to("product"), index=True, comment="Product it was sold as.")
    legal_entity_id: Mapped[UUID] = mapped_column(refers_to("legal_entity"), index=True, comment="Company that lends.")
    borrower_party_id: Mapped[UUID] = mapped_column(refers_to("party"), index=True, comment="Party that owes the loan.")
    currency_code: Mapped[CurrencyCode] = mapped_column(
        refers_to("currency", "code"), comment="Currency of all amounts of the loan, its instalments and its allocations, ISO 4217."
    )
    principal_amount: Mapped[Money] = mapped_column(comment="Amount lent by contract, in currency_code, > 0.")
    rc_fee_rate: Mapped[Rate | None] = mapped_column(
        server_default=text("0.0000"), comment="Rently Care fee as a fraction of the principal: 0.0500 is 5 %."
    )
    interest_rate: Mapped[Rate] = mapped_column(comment="Interest per year as a fraction: 0.0500 is 5 %.")
    start_date: Mapped[date] = mapped_column(comment="First day of the contract. Vintage = its month.")
    end_date: Mapped[date] = mapped_column(comment="Last day of the contract, after start_date.")
    parent_loan_id: Mapped[UUID | None] = mapped_column(
        refers_to("loan"), index=True, comment="Loan that this one renews, replaces or tops up. NULL: none."
    )
    property_contract_id: Mapped[str | None] = mapped_column(comment="Identifier of the tenancy contract that the loan pays for.")
    status: Mapped[LoanStatus] = mapped_column(
        ValueSet(LoanStatus),
        server_default=LoanStatus.ACTIVE.value,
        index=True,
        comment="Where the contract stands. Every change records itself in loan_status_history as operational_status.",
    )
    installment_period: Mapped[str | None] = mapped_column(
        comment="Which instalment of how many the loan is, e.g. 3/12. NULL: the loan is not part of a series."
    )
    lease_start_date: Mapped[date | None] = mapped_column(comment="First day of the tenancy that the loan pays for.")
    lease_end_date: Mapped[date | None] = mapped_column(comment="Last day of the tenancy, after lease_start_date.")
    agent_party_id: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Agent that brought the loan. NULL: none.")
    created_at: Mapped[CreatedAt] = mapped_column(
        comment="Moment when the row was written. For loans from before v1: first disbursement, else start_date."
    )

    application: Mapped[Application | None] = to_one("loans")
    product: Mapped[Product] = to_one("loans")
    legal_entity: Mapped[LegalEntity] = to_one("loans")
    borrower: Mapped[Party] = to_one("loans", foreign_keys="Loan.borrower_party_id")
    agent: Mapped[Party | None] = to_one("agent_loans", foreign_keys="Loan.agent_party_id")
    parent: Mapped[Loan | None] = to_one("children", remote_side="Loan.id")
    children: Mapped[list[Loan]] = to_many("parent")
    party_roles: Mapped[list[PartyRole]] = to_many("loan")
    plans: Mapped[list[AmortisationPlan]] = to_many("loan", order_by="AmortisationPlan.version")
    status_history: Mapped[list[LoanStatusHistory]] = to_many("loan", order_by="LoanStatusHistory.effective_from")
    transfers_out: Mapped[list[LoanTransfer]] = to_many("source_loan", foreign_keys="LoanTransfer.source_loan_id")
    transfers_in: Mapped[list[LoanTransfer]] = to_many("target_loan", foreign_keys="LoanTransfer.target_loan_id")
    adjustments: Mapped[list[LoanAdjustment]] = to_many("loan", order_by="LoanAdjustment.effective_date")
    flags: Mapped[list[LoanFlag]] = to_many("loan", order_by="LoanFlag.effective_from")
    allocations: Mapped[list[PaymentAllocation]] = to_many("loan")
    disbursements: Mapped[list[Disbursement]] = to_many("loan")
    disputes: Mapped[list[PaymentDispute]] = to_many("loan")
    collections_events: Mapped[list[CollectionsEvent]] = to_many("loan", order_by="CollectionsEvent.event_at")
    securities: Mapped[list[SecurityInterest]] = to_many("loan")
    ledger_entries: Mapped[list[LedgerEntry]] = to_many("loan")


class LoanStatusHistory(HasId, Base):
    """What one aspect of a loan was, from when to when. One row per loan, aspect and period; periods of an aspect never overlap."""

    __tablename__ = "loan_status_history"
    __table_args__ = (
        ForeignKeyConstraint(
            ["status_type", "status_value"], ["status_value.status_type", "status_value.status_value"], ondelete="RESTRICT"
        ),
        Index(None, "loan_id", "status_type", "effective_from"),
        Index(None, "status_type", "status_value"),
        Index("one_open_status_per_type", "loan_id", "status_type", unique=True, postgresql_where=text("effective_through IS NULL")),
        ExcludeConstraint(
            (text("loan_id"), "="),
            (text("status_type"), "="),
            (text("tstzrange(effective_from, effective_through)"), "&&"),
            using="gist",
            name="loan_status_history_no_overlap",
        ),
        CheckConstraint("effective_through IS NULL OR effective_through > effective_from", name="dates_check"),
        one_of("status_type", StatusType, "type_check"),
        {"comment": "What one aspect of a loan was, from when to when; one row per loan, aspect and period. Periods never overlap."},
    )
    business_key = "status_value"

    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), comment="Loan whose status it is.")
    status_type: Mapped[StatusType] = mapped_column(ValueSet(StatusType), comment="Aspect of the loan that the status describes.")
    status_value: Mapped[str] = mapped_column(comment="The status: one of the values that table status_value lists for the aspect.")
    effective_from: Mapped[Moment] = mapped_column(
        server_default=func.now(),
        server_onupdate=FetchedValue(),
        comment="Moment from which the status holds. Trigger keep_status_history puts it behind the start of the one it ends. For loans "
        "from before v1: the loan's start_date.",
    )
    effective_through: Mapped[Moment | None] = mapped_column(
        server_onupdate=FetchedValue(),
        comment="Moment from which the status no longer holds: trigger keep_status_history writes it when the next begins. NULL: open.",
    )
    reason: Mapped[str | None] = mapped_column(comment="Why the status changed.")
    created_by: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Party that changed it. NULL: a system.")
    created_at: Mapped[CreatedAt] = mapped_column(comment="Moment when the row was written. NULL: derived from a loan from before v1.")

    loan: Mapped[Loan] = to_one("status_history")
    creator: Mapped[Party | None] = to_one()
    value: Mapped[StatusValue] = to_one()


class LoanTransfer(HasId, HasUpdatedAt, Base):
    """A balance that moves from one loan to another. One row per transfer."""

    __tablename__ = "loan_transfers"
    __table_args__ = (
        CheckConstraint("transfer_amount > 0", name="amount_positive"),
        one_of("status", TransferStatus),
        one_of("transfer_type", TransferType, "type_check"),
        {"comment": "A balance that moves from one loan to another; one row per transfer."},
    )
    business_key = "transfer_type"

    source_loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan that the balance leaves.")
    target_loan_id: Mapped[UUID | None] = mapped_column(
        refers_to("loan"), index=True, comment="Loan that takes the balance over. NULL: not yet granted."
    )
    transfer_type: Mapped[TransferType] = mapped_column(ValueSet(TransferType), comment="Why the balance moves.")
    transfer_amount: Mapped[Money] = mapped_column(comment="Balance that moves, in the source loan's currency, > 0.")
    transfer_date: Mapped[date] = mapped_column(server_default=text("CURRENT_DATE"), comment="Business date of the transfer.")
    reason: Mapped[str | None] = mapped_column(comment="Why, in words.")
    status: Mapped[TransferStatus] = mapped_column(
        ValueSet(TransferStatus), server_default=TransferStatus.PENDING.value, comment="Where the transfer stands."
    )
    approved_by: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Party that approved it. NULL: nobody yet.")
    created_at: Mapped[CreatedAt] = mapped_column(comment="Moment when the row was written.")
    completed_at: Mapped[Moment | None] = mapped_column(comment="Moment when both loans were booked. NULL: not completed.")

    source_loan: Mapped[Loan] = to_one("transfers_out", foreign_keys="LoanTransfer.source_loan_id")
    target_loan: Mapped[Loan | None] = to_one("transfers_in", foreign_keys="LoanTransfer.target_loan_id")
    approver: Mapped[Party | None] = to_one()


class LoanAdjustment(HasId, Base):
    """A change of what is owed that is no payment. One row per loan, component and decision."""

    __tablename__ = "loan_adjustment"
    __table_args__ = (
        one_of("component", AllocationComponent),
        one_of("kind", AdjustmentKind),
        CheckConstraint("amount > 0", name="amount_positive"),
        {"comment": "A change of what is owed on a loan that is no payment: waiver, write-off, refund, transfer; one row per decision."},
    )
    business_key = "kind"

    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan that is adjusted.")
    line_id: Mapped[UUID | None] = mapped_column(
        refers_to("amortisation_line"), index=True, comment="Instalment that is adjusted. NULL: the loan as a whole."
    )
    component: Mapped[AllocationComponent] = mapped_column(ValueSet(AllocationComponent), comment="Part of the debt that is adjusted.")
    kind: Mapped[AdjustmentKind] = mapped_column(ValueSet(AdjustmentKind), comment="Why the debt changes; it also decides the direction.")
    amount: Mapped[Money] = mapped_column(
        comment="Amount in the loan's currency, > 0: a waiver, write-off or transfer lowers what is owed by it, a refund raises it again."
    )
    effective_date: Mapped[date] = mapped_column(comment="Business date from which figures count it.")
    reason: Mapped[str] = mapped_column(comment="Why it was decided.")
    created_by: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Party that entered it. NULL: a system.")
    created_at: Mapped[RecordedAt]

    loan: Mapped[Loan] = to_one("adjustments")
    line: Mapped[AmortisationLine | None] = to_one("adjustments")
    creator: Mapped[Party | None] = to_one()


class LoanFlag(HasId, Base):
    """A judgement about a loan, for a time. One row per loan, flag and period."""

    __tablename__ = "loan_flag"
    __table_args__ = (
        one_of("flag", LoanFlagKind),
        CheckConstraint("effective_through IS NULL OR effective_through > effective_from", name="dates_check"),
        {"comment": "A judgement about a loan that classification, staging or days past due take into account; one row per period."},
    )
    business_key = "flag"

    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), index=True, comment="Loan that is judged.")
    flag: Mapped[LoanFlagKind] = mapped_column(
        ValueSet(LoanFlagKind), comment="The judgement. Days of a payment_pause do not count as days past due."
    )
    effective_from: Mapped[date] = mapped_column(comment="First day on which it holds.")
    effective_through: Mapped[date | None] = mapped_column(comment="First day on which it no longer holds. NULL: it still holds.")
    reason: Mapped[str | None] = mapped_column(comment="Why it was set.")
    created_at: Mapped[RecordedAt]

    loan: Mapped[Loan] = to_one("flags")
