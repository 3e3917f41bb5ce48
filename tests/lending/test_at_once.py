"""Two sessions at once: one payment allocated twice, two payments of one loan, a message delivered twice, a reversal meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from rently_db.lending import (
    LoanStatusError,
    PaymentStatusError,
    Recorded,
    Terms,
    allocate_payment,
    record_payment,
    reverse_payment,
    unallocated_amount,
    unpaid_dues,
    write_off_loan,
)
from rently_db.models import Loan, Payment, PaymentAllocation
from rently_db.sessions import ActingSession
from tests.lending.desk import Desk

TIMEOUT = 20
T = TypeVar("T")
Sessions = sessionmaker[ActingSession]


def opened(sessions: Sessions, *amounts: str) -> tuple[Loan, list[Payment]]:
    """A loan of one instalment of 1,000.00, overdue, and payments that are not allocated; committed."""
    with sessions.begin() as session:
        desk = Desk(session)
        loan = desk.lend(Terms(principal=Decimal("1000.00"), months=1, start=desk.months_ago(2)))
        return loan, [desk.receive(amount, desk.today) for amount in amounts]


def allocate(session: Session, loan: Loan, payment: Payment) -> Decimal:
    """What one session allocates of a payment that another one knows, too."""
    found = session.get_one(Loan, loan.id), session.get_one(Payment, payment.id)
    return sum((part.allocated_amount for part in allocate_payment(session, found[1], found[0]).allocations), Decimal(0))


@contextmanager
def waiting(sessions: Sessions, work: Callable[[Session], T]) -> Iterator[Future[T]]:
    """The work in a transaction and thread of its own, once it waits for a lock; after the block, which frees it, it is over."""

    def run(process: Future[int]) -> T:
        with sessions.begin() as session:
            process.set_result(session.scalar(text("SELECT pg_backend_pid()")) or 0)
            return work(session)

    with ThreadPoolExecutor(1) as pool, sessions() as observer:
        process: Future[int] = Future()
        done = pool.submit(run, process)
        blocked, deadline = text("SELECT cardinality(pg_blocking_pids(:pid)) > 0"), time.monotonic() + TIMEOUT
        while not observer.scalar(blocked, {"pid": process.result(TIMEOUT)}):
            assert not done.done(), f"it did not wait: {done.result()}"
            assert time.monotonic() < deadline, "it neither waited nor ended"
            time.sleep(0.01)
        yield done


def test_two_sessions_allocate_one_payment_once(sessions: Sessions):
    """The second waits for the first, and finds nothing left: 400.00 are allocated once, and booked once."""
    loan, (payment,) = opened(sessions, "400.00")
    with sessions() as first:
        assert allocate(first, loan, payment) == 400
        with waiting(sessions, lambda session: allocate(session, loan, payment)) as second:
            first.commit()
        assert second.result() == 0
    with sessions() as session:
        assert unallocated_amount(session, session.get_one(Payment, payment.id)) == 0
        assert Desk(session).booked(payment_id=payment) == {"1000": 400, "1100": -400}


def test_two_payments_of_one_loan_pay_it_once(sessions: Sessions):
    """Of two payments of 700.00 the second settles the 300.00 that the first leaves, and keeps 400.00: no instalment is paid twice."""
    loan, (one, two) = opened(sessions, "700.00", "700.00")
    with sessions() as first:
        assert allocate(first, loan, one) == 700
        with waiting(sessions, lambda session: allocate(session, loan, two)) as second:
            first.commit()
        assert second.result() == 300
    with sessions() as session:
        assert unpaid_dues(session, session.get_one(Loan, loan.id)) == []
        assert Desk(session).unsound() == []


def test_many_sessions_race_for_one_loan(sessions: Sessions):
    """Eight payments of 200.00 at once: 1,000.00 are allocated, to the cent, however they meet."""
    loan, payments = opened(sessions, *["200.00"] * 8)

    def run(payment: Payment) -> Decimal:
        with sessions.begin() as session:
            return allocate(session, loan, payment)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, payments)) == 1000
    with sessions() as session:
        total = select(func.sum(PaymentAllocation.allocated_amount)).where(PaymentAllocation.loan_id == loan.id)
        assert session.scalar(total) == 1000
        assert Desk(session).unsound() == []


@pytest.mark.parametrize("first_ends", ["commit", "rollback"])
def test_a_message_delivered_twice_at_once_is_one_payment(sessions: Sessions, first_ends: str):
    """The second delivery waits for the first and gets its payment; if the first comes to nothing, it records the payment itself."""
    _, (example,) = opened(sessions, "1.00")

    def deliver(session: Session) -> Recorded:
        return record_payment(
            session,
            legal_entity_id=example.legal_entity_id,
            currency_code="SGD",
            amount=Decimal("100.00"),
            received_at=datetime.now(UTC),
            provider="stripe",
            external_reference="pi_1",
        )

    with sessions() as first:
        one = deliver(first)
        with waiting(sessions, deliver) as second:
            getattr(first, first_ends)()
        two = second.result()
    assert (one.is_new, two.is_new) == (True, first_ends == "rollback")
    with sessions() as session:
        payment = session.scalars(select(Payment).where(Payment.external_reference == "pi_1")).one()
        assert payment.id == two.payment.id
        assert Desk(session).booked(payment_id=payment) == {"1000": 100, "2100": -100}


def test_what_was_reversed_meanwhile_is_not_allocated(sessions: Sessions):
    """An allocation that waits for a reversal sees it, whatever its session read of the payment before."""
    loan, (payment,) = opened(sessions, "400.00")
    with sessions() as first:
        reverse_payment(first, first.get_one(Payment, payment.id))
        with waiting(sessions, lambda session: allocate(session, loan, payment)) as second:
            first.commit()
        with pytest.raises(PaymentStatusError, match="is inbound and reversed"):
            second.result()


def test_what_was_written_off_meanwhile_is_not_settled(sessions: Sessions):
    """A payment that arrives while the loan is written off does not settle what is owed no more."""
    loan, (payment,) = opened(sessions, "400.00")
    with sessions() as first:
        write_off_loan(first, first.get_one(Loan, loan.id), reason="insolvent")
        with waiting(sessions, lambda session: allocate(session, loan, payment)) as second:
            first.commit()
        with pytest.raises(LoanStatusError, match="is no recovery"):
            second.result()


def test_the_engine_is_shared(own_engine: Engine, sessions: Sessions):
    """Sessions of a factory come from the pool of the engine that it was made of."""
    with sessions() as session:
        session.execute(text("SELECT 1"))
        assert own_engine.pool.checkedout() == 1  # type: ignore[attr-defined]
