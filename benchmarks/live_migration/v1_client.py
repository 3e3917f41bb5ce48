"""The v1 application as a client of the benchmark: the models, on psycopg 3 with prepared statements, each statement timed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, configure_mappers

from benchmarks.live_migration.client import Record, Task
from rently_db import models as m
from rently_db.database import make_engine, parse_url


class V1Client:
    """One session on one connection, which stays connected."""

    def __init__(self, task: Task) -> None:
        url = parse_url(task.url).set(drivername="postgresql+psycopg")
        self._engine = make_engine(
            url, pool_size=1, max_overflow=0, connect_args={"prepare_threshold": 0, "application_name": "rently_v1_app"}
        )
        self._seed = task.seed
        self._serial = 0
        self._written: set[UUID] = set()
        with self._engine.connect() as connection:
            self.record = Record("v1", int(str(connection.scalar(text("SELECT pg_backend_pid()")))))
        configure_mappers()  # once a process, not during the first thing it does
        event.listen(self._engine, "before_cursor_execute", self._before)
        event.listen(self._engine, "after_cursor_execute", self._after)
        event.listen(self._engine, "handle_error", self._failed)

    def _before(self, *_: object) -> None:
        self._began = time.perf_counter()

    def _after(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self._timed(" ".join(statement.split()[:3]))

    def _failed(self, _context: object) -> None:
        self._timed("failed")

    def _timed(self, name: str) -> None:
        took = time.perf_counter() - self._began
        self.record.statements.append((name, time.time() - took, took * 1000))

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with Session(self._engine) as session:
            yield session
            session.flush()
            self._began = time.perf_counter()
            session.commit()
            self._timed("commit")

    def read_loan(self, loan: dict[str, Any]) -> None:
        """A loan with its schedule and what was paid of it: v1 has the indexes for that."""
        with self._transaction() as session:
            session.get_one(m.Loan, loan["loan"])
            session.scalars(select(m.AmortisationLine).where(m.AmortisationLine.plan_id == loan["amortisation_plan"])).all()
            session.scalar(select(func.sum(m.PaymentAllocation.allocated_amount)).where(m.PaymentAllocation.loan_id == loan["loan"]))

    def take_payment(self, loan: dict[str, Any]) -> None:
        """A payment and its allocations, one transaction."""
        self._serial += 1
        amounts = {component: loan[f"amount_{component}"] for component in ("principal", "rc_fee")}
        with self._transaction() as session:
            payment = m.Payment(
                legal_entity_id=loan["legal_entity"],
                currency_code=loan["currency"],
                amount=sum(amounts.values()),
                direction=m.PaymentDirection.INBOUND,
                provider="benchmark",
                external_reference=f"v1-{self._seed}-{self._serial}",
                payer_party_id=loan["party"],
                received_at=datetime.now(UTC),
                status=m.PaymentStatus.COMPLETED,
            )
            session.add(payment)
            session.flush()
            session.add_all(
                m.PaymentAllocation(
                    payment_id=payment.id,
                    loan_id=loan["loan"],
                    plan_id=loan["amortisation_plan"],
                    line_id=loan["amortisation_line"],
                    component=m.AllocationComponent(component),
                    allocated_amount=amount,
                )
                for component, amount in amounts.items()
            )
            identity = payment.id
        self._written.add(identity)

    def change_status(self, loan: dict[str, Any]) -> None:
        """Write a loan off, and take that back."""
        for status in (m.LoanStatus.WRITTEN_OFF, m.LoanStatus.ACTIVE):
            with self._transaction() as session:
                session.get_one(m.Loan, loan["loan"], with_for_update=True).status = status

    def settle(self) -> None:
        """Nothing: a Session that failed was rolled back when it was closed."""

    def close(self) -> None:
        """Look for every payment it took, then go."""
        try:
            with Session(self._engine) as session:
                there = set(session.scalars(select(m.Payment.id).where(m.Payment.provider == "benchmark")))
            self.record.lost = [f"payment {key}: missing" for key in sorted(self._written - there)]
        except SQLAlchemyError as error:
            self.record.lost = [f"could not look: {error}"]
        self._engine.dispose()
