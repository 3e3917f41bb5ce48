"""A user's code, never run: ``mypy --strict`` on this file proves that models, columns and relations have the types people rely on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import assert_type
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from rently_db.models import (
    AllocationComponent,
    AmortisationLine,
    AmortisationPlan,
    DpdBucket,
    Loan,
    LoanStatus,
    Party,
    Payment,
    PaymentAllocation,
    PaymentDirection,
    PaymentStatus,
)


def loans_in_arrears(session: Session, today: date) -> Sequence[Loan]:
    """A typical query: eager loads are spelt out, statuses are members."""
    statement = (
        select(Loan)
        .join(Loan.plans)
        .join(AmortisationPlan.lines)
        .where(Loan.status == LoanStatus.ACTIVE, AmortisationLine.due_date < today)
        .options(selectinload(Loan.plans).selectinload(AmortisationPlan.lines), selectinload(Loan.borrower))
    )
    return session.scalars(statement).unique().all()


def columns_have_their_types(loan: Loan, payment: Payment, bucket: DpdBucket) -> None:
    """Money is Decimal, moments are datetimes, statuses are members, and NULL is in the type wherever it can be read."""
    assert_type(loan.id, UUID)
    assert_type(loan.principal_amount, Decimal)
    assert_type(loan.rc_fee_rate, Decimal | None)
    assert_type(loan.status, LoanStatus)
    assert_type(loan.start_date, date)
    assert_type(loan.created_at, datetime | None)
    assert_type(loan.updated_at, datetime | None)
    assert_type(loan.borrower, Party)
    assert_type(loan.agent, Party | None)
    assert_type(loan.plans, list[AmortisationPlan])
    assert_type(payment.received_at, datetime | None)
    assert_type(payment.allocations, list[PaymentAllocation])
    assert_type(bucket.days.upper, int | None)
    assert_type(bucket.needs_signoff, bool)


def settle(session: Session, line: AmortisationLine, loan: Loan, amount: Decimal, now: datetime) -> Payment:
    """Writing: relations are set by object, ids come from the database."""
    payment = Payment(
        legal_entity=loan.legal_entity,
        currency_code=loan.currency_code,
        amount=amount,
        direction=PaymentDirection.INBOUND,
        received_at=now,
        status=PaymentStatus.COMPLETED,
    )
    payment.allocations.append(
        PaymentAllocation(loan=loan, plan=line.plan, line=line, component=AllocationComponent.PRINCIPAL, allocated_amount=amount)
    )
    session.add(payment)
    return payment


def dues(session: Session) -> list[tuple[UUID, Decimal]]:
    """Rows of columns keep the columns' types."""
    return [row._tuple() for row in session.execute(select(AmortisationLine.id, AmortisationLine.amount_principal))]
