"""A service's tests, never run: ``mypy --strict`` proves that factories give the types of their models."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import assert_type

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from rently_db.models import Loan, Payment
from rently_db.testing.factories import LoanFactory, PaymentFactory, using


def rows_have_the_type_of_their_model(session: Session) -> None:
    """What is built, written or made in numbers."""
    with using(session, business_date=date(2026, 12, 31), seed=7):
        assert_type(LoanFactory.build(), Loan)
        assert_type(LoanFactory.create_sync(principal_amount=Decimal("600.00")), Loan)
        assert_type(PaymentFactory.create_batch_sync(3), list[Payment])


async def rows_of_an_asynchronous_session(session: AsyncSession) -> None:
    """The same, awaited."""
    with using(session):
        assert_type(await LoanFactory.create_async(), Loan)
