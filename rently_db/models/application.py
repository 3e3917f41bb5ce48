"""What customers ask for, and what is decided."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many, to_one
from .mixins import HasId, HasUpdatedAt
from .types import CreatedAt, CurrencyCode, Moment, Money, ValueSet, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .loan import Loan
    from .organisation import LegalEntity, Product
    from .party import Party


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DecisionOutcome(StrEnum):
    """What was decided; ``conditional`` names no amount yet."""

    APPROVED = "approved"
    REJECTED = "rejected"
    CONDITIONAL = "conditional"


class Application(HasId, HasUpdatedAt, Base):
    """A request for a loan. One row per application number."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("application_number"),
        CheckConstraint("requested_amount > 0", name="amount_positive"),
        currency_check("requested_currency"),
        one_of("status", ApplicationStatus),
        CheckConstraint("tenor_months > 0", name="tenor_positive"),
        {"comment": "A request for a loan; one row per application number."},
    )
    business_key = "application_number"

    application_number: Mapped[str] = mapped_column(comment="Number by which the customer knows the application.")
    product_id: Mapped[UUID] = mapped_column(refers_to("product"), index=True, comment="Product applied for.")
    legal_entity_id: Mapped[UUID] = mapped_column(refers_to("legal_entity"), index=True, comment="Company that would lend.")
    applicant_party_id: Mapped[UUID] = mapped_column(refers_to("party"), index=True, comment="Party that applies.")
    requested_amount: Mapped[Money] = mapped_column(comment="Amount asked for, in requested_currency, > 0.")
    requested_currency: Mapped[CurrencyCode] = mapped_column(refers_to("currency", "code"), comment="Currency asked for, ISO 4217.")
    tenor_months: Mapped[int] = mapped_column(comment="Term asked for, in months, > 0.")
    status: Mapped[ApplicationStatus] = mapped_column(
        ValueSet(ApplicationStatus), server_default=ApplicationStatus.SUBMITTED.value, comment="Where the application stands."
    )
    created_at: Mapped[CreatedAt] = mapped_column(
        comment="Moment when the row was written. For applications from before v1: the loan's created_at; NULL: no loan, unknown."
    )

    product: Mapped[Product] = to_one("applications")
    legal_entity: Mapped[LegalEntity] = to_one("applications")
    applicant: Mapped[Party] = to_one("applications")
    decisions: Mapped[list[Decision]] = to_many("application", order_by="Decision.decided_at")
    loans: Mapped[list[Loan]] = to_many("application")


class Decision(HasId, Base):
    """A credit decision. One row per decision; an application may have several."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint(
            "outcome = 'approved' AND approved_amount > 0 OR outcome <> 'approved' AND approved_amount IS NULL",
            name="approved_amount_check",
        ),
        currency_check("approved_currency", "approved_currency_check", optional=True),
        one_of("outcome", DecisionOutcome),
        {"comment": "A credit decision on an application; one row per decision, several per application are possible."},
    )
    business_key = "outcome"

    application_id: Mapped[UUID] = mapped_column(refers_to("application"), index=True, comment="Application decided on.")
    outcome: Mapped[DecisionOutcome] = mapped_column(ValueSet(DecisionOutcome), comment="What was decided.")
    approved_amount: Mapped[Money | None] = mapped_column(
        comment="Amount approved, in approved_currency, > 0; NULL unless the outcome is approved."
    )
    approved_currency: Mapped[CurrencyCode | None] = mapped_column(comment="Currency of approved_amount, ISO 4217.")
    decided_by: Mapped[str] = mapped_column(comment="Person or engine that decided.")
    decided_at: Mapped[Moment | None] = mapped_column(
        server_default=func.now(),
        comment="Moment of the decision. For decisions from before v1: the loan's created_at; NULL: no loan, unknown.",
    )
    reason: Mapped[str | None] = mapped_column(comment="Why it was decided so.")

    application: Mapped[Application] = to_one("decisions")
