"""The v0 application beside a service that lends: it works on, and reads what the service wrote as its own."""

from __future__ import annotations

from decimal import Decimal

import psycopg2
from sqlalchemy import URL
from sqlalchemy.orm import sessionmaker

from rently_db.lending import Terms, restructure_loan, reverse_payment, transfer_loan, write_off_loan
from rently_db.models import TransferType
from rently_db.sessions import ActingSession
from rently_db.synth.v0_workload import V0Application
from tests.lending.desk import Desk
from tests.support.migrations import plain, rows


def test_the_v0_application_works_beside_a_service(v1_book: URL, sessions: sessionmaker[ActingSession]):
    """After every operation the v0 workload runs without a difference, bills what the service planned, and moves no figure of it."""
    with sessions.begin() as session:
        desk = Desk(session)
        paid, lost, moved = (
            desk.lend(Terms(principal=Decimal("1200.00"), months=12, start=desk.months_ago(3, -1), fee=Decimal(0))) for _ in range(3)
        )
        kept = desk.pay(paid, "150.00", desk.months_ago(1))
        bounced = desk.receive("50.00", desk.months_ago(1))
        reverse_payment(session, bounced)
        restructure_loan(session, paid, months=6, reason="tenor changed", interest_rate=Decimal("0.12"))
        write_off_loan(session, lost, reason="insolvent")
        target = desk.contract(Terms(principal=Decimal("1200.00"), months=6, start=desk.today))
        transfer_loan(session, moved, target, TransferType.LEASE_RENEWAL, approved_by=desk.borrower.id)
        assert desk.unsound() == []
        before = [desk.state(loan) for loan in (paid, lost, moved, target)]
    with psycopg2.connect(plain(v1_book)) as connection:
        application = V0Application(connection)
        application.round()
        assert application.differences() == []
    connection.close()
    numbers = f"('{paid.loan_number}', '{lost.loan_number}', '{moved.loan_number}', '{target.loan_number}')"
    # In v0's columns alone, as v0's statements name them.
    assert rows(v1_book, f"SELECT status FROM loan WHERE loan_number IN {numbers} ORDER BY loan_number") == [
        ("active",),
        ("written_off",),
        ("transferred",),
        ("active",),
    ]
    billed = (
        "SELECT sum(l.amount_principal), count(*) FROM amortisation_line AS l JOIN amortisation_plan AS p ON p.id = l.plan_id"
        f" JOIN loan AS n ON n.id = p.loan_id WHERE p.status = 'active' AND n.loan_number = '{paid.loan_number}'"
    )
    assert rows(v1_book, billed) == [(Decimal("1050.00"), 6)]
    allocated = "SELECT sum(allocated_amount) FROM payment_allocation WHERE payment_id = '{}'"
    assert rows(v1_book, allocated.format(kept.allocations[0].payment_id)) == [(Decimal("150.00"),)]
    with sessions() as session:
        assert [Desk(session).state(loan) for loan in (paid, lost, moved, target)] == before
