"""What is owed when: amortisation plans and their instalments."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many, to_one
from .mixins import AFTER_BASE, HasId, HasUpdatedAt
from .types import CreatedAt, CurrencyCode, Money, ValueSet, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .loan import Loan, LoanAdjustment
    from .payment import PaymentAllocation


class PlanStatus(StrEnum):
    """Whether a plan is what the borrower owes by (active), was so once, or never will be."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


class AmortisationPlan(HasId, HasUpdatedAt, Base):
    """A schedule of instalments. One row per loan and version; the active one is the only source of what is owed."""

    __tablename__ = "amortisation_plan"
    __table_args__ = (
        UniqueConstraint("loan_id", "version"),
        Index("one_active_plan_per_loan", "loan_id", unique=True, postgresql_where=text("status = 'active'")),
        CheckConstraint("effective_through IS NULL OR effective_through > effective_from", name="dates_check"),
        one_of("status", PlanStatus),
        CheckConstraint("version > 0", name="version_positive"),
        {"comment": "A schedule of instalments; one row per loan and version. The active one is the only source of what is owed."},
    )
    business_key = "version"

    loan_id: Mapped[UUID] = mapped_column(refers_to("loan"), comment="Loan that the plan schedules.")
    version: Mapped[int] = mapped_column(server_default=text("1"), comment="Number of the plan within its loan, from 1.")
    status: Mapped[PlanStatus] = mapped_column(
        ValueSet(PlanStatus),
        server_default=PlanStatus.ACTIVE.value,
        server_onupdate=FetchedValue(),
        comment="Whether instalments of this plan are owed. The bridge trigger of amortisation_plan supersedes the older plan when another "
        "active one arrives.",
    )
    reason: Mapped[str | None] = mapped_column(comment="Why the plan was made: origination, re-plan, forbearance.")
    effective_from: Mapped[date] = mapped_column(comment="First day on which the plan holds.")
    effective_through: Mapped[date | None] = mapped_column(
        server_onupdate=FetchedValue(),
        comment="First day on which the plan no longer holds, written by the bridge trigger of amortisation_plan when it supersedes it. "
        "NULL: open.",
    )
    created_at: Mapped[CreatedAt]

    loan: Mapped[Loan] = to_one("plans")
    lines: Mapped[list[AmortisationLine]] = to_many("plan", order_by="AmortisationLine.seq_no")
    allocations: Mapped[list[PaymentAllocation]] = to_many("plan")


class AmortisationLine(HasId, Base):
    """An instalment: what falls due on one day. One row per plan and sequence number."""

    __tablename__ = "amortisation_line"
    __table_args__ = (
        UniqueConstraint("plan_id", "seq_no"),
        CheckConstraint(
            "amount_principal >= 0 AND amount_rc_fee >= 0 AND amount_penalty >= 0 AND amount_other >= 0 AND amount_interest >= 0",
            name="amounts_non_negative",
        ),
        currency_check(),
        CheckConstraint("seq_no > 0", name="seq_positive"),
        {"comment": "An instalment: what falls due on one day, by component; one row per plan and sequence number."},
    )
    business_key = "seq_no"

    plan_id: Mapped[UUID] = mapped_column(refers_to("amortisation_plan"), comment="Plan that the instalment belongs to.")
    seq_no: Mapped[int] = mapped_column(comment="Position of the instalment in its plan, from 1.")
    due_date: Mapped[date] = mapped_column(index=True, comment="Last day on which paying is on time; days past due count from the next.")
    currency_code: Mapped[CurrencyCode] = mapped_column(comment="Currency of the amounts, ISO 4217; the loan's.")
    amount_principal: Mapped[Money] = mapped_column(server_default=text("0.00"), comment="Principal due, >= 0.")
    amount_rc_fee: Mapped[Money] = mapped_column(server_default=text("0.00"), comment="Rently Care fee due, >= 0.")
    amount_penalty: Mapped[Money] = mapped_column(server_default=text("0.00"), comment="Penalty for late payment due, >= 0.")
    amount_other: Mapped[Money] = mapped_column(server_default=text("0.00"), comment="Anything else due, >= 0; v0 bills interest here.")
    amount_interest: Mapped[Money] = mapped_column(
        server_default=text("0"),
        sort_order=AFTER_BASE,
        comment="Interest due, >= 0. For instalments from before v1: 0, unknown within other.",
    )

    plan: Mapped[AmortisationPlan] = to_one("lines")
    allocations: Mapped[list[PaymentAllocation]] = to_many("line")
    adjustments: Mapped[list[LoanAdjustment]] = to_many("line")
