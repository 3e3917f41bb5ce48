"""A short session through the models: read a borrower's loan, then write what only v1 can say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, selectinload

from rently_db.models import (
    AllocationComponent,
    AmortisationLine,
    AmortisationPlan,
    Disbursement,
    DisbursementStatus,
    Loan,
    LoanStatus,
    Payment,
    PaymentAllocation,
    PaymentDirection,
    PaymentStatus,
    PlanStatus,
)


@dataclass(frozen=True, slots=True)
class Instalment:
    """A line of the active plan: what was due when, and what of it is paid, in the loan's currency."""

    due_date: date
    due: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class LoanStory:
    """What the models say of one loan. Amounts are in its currency."""

    loan_id: UUID
    loan_number: str
    borrower: str
    product: str
    currency: str
    principal: Decimal
    instalments: list[Instalment]
    payments: int
    outstanding: Decimal
    statuses: list[str]


def pick_loan(engine: Engine) -> UUID:
    """An active loan with some payments: the one with the lowest number among those with at least five allocations."""
    with Session(engine) as session:
        query = (
            select(Loan.id)
            .join(PaymentAllocation)
            .where(Loan.status == LoanStatus.ACTIVE)
            .group_by(Loan.id, Loan.loan_number)
            .having(func.count() >= 5)
            .order_by(Loan.loan_number)
            .limit(1)
        )
        return session.scalars(query).one()


def read_loan(engine: Engine, loan_id: UUID) -> LoanStory:
    """The borrower's loan with its plan, payments and balance. Relations load where they are asked for, never by accident."""
    with Session(engine) as session:
        loan = session.scalars(
            select(Loan)
            .where(Loan.id == loan_id)
            .options(
                selectinload(Loan.borrower),
                selectinload(Loan.product),
                selectinload(Loan.plans).selectinload(AmortisationPlan.lines),
                selectinload(Loan.allocations),
                selectinload(Loan.disbursements),
                selectinload(Loan.status_history),
            )
        ).one()
        plan = next(plan for plan in loan.plans if plan.status is PlanStatus.ACTIVE)
        paid: dict[UUID | None, Decimal] = {}
        for allocation in loan.allocations:
            if allocation.reversed_at is None:
                paid[allocation.line_id] = paid.get(allocation.line_id, Decimal(0)) + allocation.allocated_amount
        instalments = [
            Instalment(
                line.due_date,
                line.amount_principal + line.amount_rc_fee + line.amount_penalty + line.amount_interest + line.amount_other,
                paid.get(line.id, Decimal(0)),
            )
            for line in plan.lines
        ]
        repaid = sum(
            (a.allocated_amount for a in loan.allocations if a.component is AllocationComponent.PRINCIPAL and a.reversed_at is None),
            Decimal(0),
        )
        return LoanStory(
            loan_id=loan.id,
            loan_number=loan.loan_number,
            borrower=loan.borrower.display_name,
            product=loan.product.name,
            currency=loan.currency_code,
            principal=loan.principal_amount,
            instalments=instalments,
            payments=len({allocation.payment_id for allocation in loan.allocations}),
            outstanding=_disbursed(loan.disbursements) - repaid,
            statuses=[f"{entry.status_value} since {entry.effective_from:%Y-%m-%d}" for entry in loan.status_history],
        )


def _disbursed(disbursements: list[Disbursement]) -> Decimal:
    return sum((d.amount for d in disbursements if d.status is DisbursementStatus.COMPLETED), Decimal(0))


def write_what_v1_knows(engine: Engine, loan_id: UUID) -> tuple[UUID, UUID]:
    """Grant the borrower an interest loan, take a payment on it, and reverse another: facts that v0 has no words for.

    Returns the ids of the new loan and of the reversed payment.
    """
    with Session(engine) as session, session.begin():
        first = session.scalars(select(Loan).where(Loan.id == loan_id)).one()
        loan = Loan(
            loan_number="DEMO-INTEREST-1",
            product_id=first.product_id,
            legal_entity_id=first.legal_entity_id,
            borrower_party_id=first.borrower_party_id,
            currency_code=first.currency_code,
            principal_amount=Decimal("1000.00"),
            interest_rate=Decimal("0.0750"),
            start_date=date(2026, 7, 1),
            end_date=date(2026, 9, 1),
        )
        plan = AmortisationPlan(loan=loan, effective_from=date(2026, 7, 1), reason="origination")
        plan.lines = [
            AmortisationLine(
                seq_no=number,
                due_date=due,
                currency_code=first.currency_code,
                amount_principal=Decimal("500.00"),
                amount_interest=Decimal("6.25"),
            )
            for number, due in enumerate((date(2026, 8, 1), date(2026, 9, 1)), 1)
        ]
        paid = _payment(loan, first, Decimal("20.00"), "demo-interest")
        paid.allocations = [
            PaymentAllocation(
                loan=loan, plan=plan, line=plan.lines[0], component=AllocationComponent.INTEREST, allocated_amount=Decimal("6.25")
            )
        ]
        bounced = _payment(loan, first, Decimal("75.00"), "demo-bounced")
        session.add_all([loan, paid, bounced])
        session.flush()
        bounced.status = PaymentStatus.REVERSED  # the database dates it
        return loan.id, bounced.id


def _payment(loan: Loan, first: Loan, amount: Decimal, reference: str) -> Payment:
    return Payment(
        legal_entity_id=first.legal_entity_id,
        currency_code=loan.currency_code,
        amount=amount,
        direction=PaymentDirection.INBOUND,
        provider="demo",
        external_reference=reference,
        payer_party_id=first.borrower_party_id,
        received_at=datetime.now(UTC),
        status=PaymentStatus.COMPLETED,
    )


@dataclass(frozen=True, slots=True)
class OnlyV1:
    """Facts that v0 can't express: interest due and paid on a loan, a payment's reversal and its moment."""

    interest_due: Decimal
    interest_paid: Decimal
    payment_status: PaymentStatus
    reversed_at: datetime | None


def only_v1(engine: Engine, loan_id: UUID, payment_id: UUID) -> OnlyV1:
    """What the database says of these facts now."""
    with Session(engine) as session:
        due = session.scalars(
            select(AmortisationLine.amount_interest).join(AmortisationLine.plan).where(AmortisationPlan.loan_id == loan_id)
        ).all()
        paid = session.scalars(
            select(PaymentAllocation.allocated_amount).where(
                PaymentAllocation.loan_id == loan_id, PaymentAllocation.component == AllocationComponent.INTEREST
            )
        ).all()
        payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one()
        return OnlyV1(sum(due, Decimal(0)), sum(paid, Decimal(0)), payment.status, payment.reversed_at)
