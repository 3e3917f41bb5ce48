"""Type-checked as a user's code: what `rently_db.sessions` and `rently_db.lending` give to a typed program."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import assert_type
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from rently_db.async_sessions import async_session_factory, in_async_transaction, make_async_engine
from rently_db.database import make_engine
from rently_db.lending import (
    Allocated,
    Chart,
    Due,
    Instalment,
    LendingError,
    Repayment,
    Split,
    Terms,
    allocate_payment,
    close_loan,
    disburse_loan,
    explain,
    make_schedule,
    open_dispute,
    originate_loan,
    record_payment,
    resolve_dispute,
    restructure_loan,
    reverse_payment,
    transfer_loan,
    unpaid_dues,
    waterfall,
    write_off_loan,
)
from rently_db.models import (
    AllocationComponent,
    AmortisationPlan,
    Disbursement,
    DisputeType,
    Loan,
    LoanAdjustment,
    LoanTransfer,
    Payment,
    PaymentDispute,
    TransferType,
)
from rently_db.sessions import ActingSession, act_as, in_transaction, session_factory


def schedules_are_values(principal: Decimal, start: date) -> Decimal:
    """What is pure takes and gives frozen values."""
    terms = Terms(principal=principal, months=12, start=start, repayment=Repayment.ANNUITY)
    lines = make_schedule(terms)
    assert_type(lines, tuple[Instalment, ...])
    assert_type(lines[0].amount(AllocationComponent.INTEREST), Decimal)
    split = waterfall(principal, [Due(UUID(int=0), start, 1, AllocationComponent.PRINCIPAL, principal)])
    assert_type(split, Split)
    return split.shares[0].amount + split.unallocated


def operations_have_their_types(session: Session, loan: Loan, other: Loan, clerk: UUID, now: datetime) -> None:
    """Each operation takes a session and rows, and gives what it wrote."""
    assert_type(originate_loan(session, loan, Terms(principal=Decimal(100), months=1, start=now.date())), Loan)
    assert_type(disburse_loan(session, loan, clerk, at=now, chart=Chart(cash="1010"), by=clerk), Disbursement)
    payment, is_new = record_payment(
        session,
        legal_entity_id=loan.legal_entity_id,
        currency_code=loan.currency_code,
        amount=Decimal("10.00"),
        received_at=now,
        provider=None,
        external_reference=None,
    )
    assert_type(payment, Payment)
    assert_type(is_new, bool)
    assert_type(allocate_payment(session, payment, loan, due_by=now.date()), Allocated)
    assert_type(unpaid_dues(session, loan), list[Due])
    assert_type(reverse_payment(session, payment, at=now), Payment)
    assert_type(restructure_loan(session, loan, months=3, reason="re-plan"), AmortisationPlan)
    assert_type(transfer_loan(session, loan, other, TransferType.REFINANCE, approved_by=clerk), LoanTransfer)
    assert_type(write_off_loan(session, other, reason="insolvent"), tuple[LoanAdjustment, ...])
    assert_type(close_loan(session, loan), Loan)
    dispute = open_dispute(session, loan, DisputeType.TIMING_ISSUE, reported_by=clerk)
    assert_type(resolve_dispute(session, dispute, "found"), PaymentDispute)


def serve(url: str) -> str | None:
    """Work in a transaction keeps its type; a refusal may have its sentence."""
    sessions = session_factory(make_engine(url), actor="service")
    assert_type(sessions, sessionmaker[ActingSession])
    with sessions() as session:
        act_as(session, "clerk 7")
    try:
        assert_type(in_transaction(sessions, lambda session: session.get_one(Loan, UUID(int=0))), Loan)
    except LendingError as wrong:
        return str(wrong)
    except DBAPIError as refused:
        return explain(refused)
    return None


async def serve_async(url: str) -> Decimal:
    """The same on asyncio: the work is a function of a plain session."""
    sessions = async_session_factory(make_async_engine(url, pool_size=2))
    assert_type(sessions, async_sessionmaker[AsyncSession])
    async with sessions() as session:
        act_as(session, "clerk 7")
        assert_type(await session.get_one(Loan, UUID(int=0)), Loan)

    def work(session: Session) -> Decimal:
        return session.get_one(Loan, UUID(int=0)).principal_amount

    return await in_async_transaction(sessions, work, actor="clerk 7", attempts=2)
