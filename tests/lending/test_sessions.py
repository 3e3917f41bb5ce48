"""Sessions of services, sync and async: isolation, who acts, transactions begun anew, and a payment on asyncio from end to end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import URL, Engine, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from rently_db import sessions as sessions_module
from rently_db.async_sessions import async_session_factory, in_async_transaction, make_async_engine
from rently_db.database import DatabaseUrlError, make_engine
from rently_db.lending import Terms, allocate_payment, explain, record_payment, unpaid_dues
from rently_db.models import Loan, Party, PartyKind, Payment
from rently_db.sessions import ActingSession, act_as, in_transaction, session_factory
from tests.lending.desk import Desk
from tests.support.migrations import rows, run_sql

Sessions = sessionmaker[ActingSession]
PEOPLE = [UUID(int=1), UUID(int=2)]


@pytest.fixture
def strict_url(v1_book: URL) -> URL:
    """The book on a server whose default would make every allocation fail."""
    run_sql(v1_book, f"ALTER DATABASE {v1_book.database} SET default_transaction_isolation = 'serializable'")
    return v1_book


@pytest.fixture
def people(sessions: Sessions) -> Iterator[Sessions]:
    """Two parties that transactions fight for."""
    with sessions.begin() as session:
        session.add_all(Party(id=id_, kind=PartyKind.INDIVIDUAL, display_name="Tan Mei Ling") for id_ in PEOPLE)
    return sessions


def isolation(session: Session) -> str | None:
    """The level of the transaction."""
    return session.scalar(text("SHOW transaction_isolation"))


def actors(engine: Engine) -> list[str]:
    """Who made parties, in order."""
    query = "SELECT actor FROM ops.audit_log WHERE table_name = 'party' AND action = 'INSERT' ORDER BY id"
    with engine.connect() as connection:
        return list(connection.scalars(text(query)))


def test_transactions_are_read_committed_whatever_the_server_says(strict_url: URL):
    """A server whose default is SERIALIZABLE still takes allocations from our sessions, and other sessions keep its default."""
    engine = make_engine(strict_url)
    with session_factory(engine)() as session:
        assert isolation(session) == "read committed"
        desk = Desk(session)
        loan = desk.lend(Terms(principal=Decimal("100.00"), months=1, start=desk.months_ago(2)))
        assert desk.pay(loan, "100.00", desk.today).unallocated == 0
    with Session(engine) as session:
        assert isolation(session) == "serializable"
    engine.dispose()


def test_the_audit_learns_who_acts(own_engine: Engine):
    """The factory's actor, then the one of the session, then the login: each for the transactions of its session, also after a commit."""
    factory = session_factory(own_engine, actor="billing job")

    def add(session: Session) -> None:
        session.add(Party(kind=PartyKind.INDIVIDUAL, display_name="Tan Mei Ling"))
        session.commit()

    with factory() as session:
        add(session)
        act_as(session, "clerk 7, request 81f2")
        add(session)
        add(session)
    with factory() as session:
        add(session)
    with session_factory(own_engine)() as session:
        add(session)
    in_transaction(factory, lambda session: session.add(Party(kind=PartyKind.AGENT, display_name="Ong Farhan")), actor="web")
    *named, login, last = actors(own_engine)[-6:]
    assert named == ["billing job", "clerk 7, request 81f2", "clerk 7, request 81f2", "billing job"]
    assert (login, last) == (own_engine.url.username, "web")


def test_an_actor_is_named_before_the_first_statement(sessions: Sessions):
    """In the middle of a transaction, or without a name, it is refused: half a transaction would be somebody else's."""
    with sessions() as session:
        with pytest.raises(ValueError, match="the actor has no name"):
            act_as(session, "")
        session.execute(text("SELECT 1"))
        with pytest.raises(ValueError, match="the session is in a transaction"):
            act_as(session, "clerk 7")
    with pytest.raises(ValueError, match="the actor has no name"):
        in_transaction(sessions, lambda _: None, actor="")


def test_objects_stay_readable_after_the_commit(sessions: Sessions):
    """What a service gives back after the commit needs no other query, and no session."""
    loan = in_transaction(sessions, lambda session: session.scalars(select(Loan).limit(1)).one())
    assert loan.loan_number.startswith("RL-")


def rename(session: Session, people: list[UUID], meet: threading.Barrier) -> int:
    """Lock one person, wait until the other session has locked the other one, then want that, too."""
    session.get_one(Party, people[0], with_for_update=True)
    if not meet.broken:
        with suppress(threading.BrokenBarrierError):  # begun anew: the other one is through
            meet.wait(5)
    party = session.get_one(Party, people[1], with_for_update=True)
    party.phone = (party.phone or "") + "1"
    return 1


def test_a_deadlock_is_begun_anew(people: Sessions):
    """Two transactions that lock two rows crosswise: PostgreSQL ends one, which runs again, and both have done their work once."""
    meet, tries = threading.Barrier(2), []

    def work(order: list[UUID]) -> int:
        def once(session: Session) -> int:
            tries.append(order)
            done = rename(session, order, meet)
            meet.abort()
            return done

        return in_transaction(people, once)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, [PEOPLE, PEOPLE[::-1]])) == 2
    assert len(tries) == 3
    with people() as session:
        assert [session.get_one(Party, id_).phone for id_ in PEOPLE] == ["1", "1"]


def test_a_lock_that_stays_is_waited_for_several_times_then_told(own_engine: Engine, people: Sessions, monkeypatch: pytest.MonkeyPatch):
    """A lock timeout is tried again, as often as was asked; the last failure reaches the caller, who can say it in a sentence."""
    monkeypatch.setattr(sessions_module, "_FIRST_PAUSE", 0.001)
    tries = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(text("SET LOCAL lock_timeout = '20ms'"))
        session.get_one(Party, PEOPLE[0], with_for_update=True)

    with people() as holder:
        holder.get_one(Party, PEOPLE[0], with_for_update=True)
        with pytest.raises(OperationalError) as caught:
            in_transaction(people, work, attempts=3)
    assert len(tries) == 3
    assert explain(caught.value) == (
        "canceling statement due to lock timeout: somebody held a lock longer than lock_timeout: run it again, as in_transaction does"
    )
    in_transaction(people, work)


def test_other_failures_are_not_tried_again(people: Sessions):
    """What a rule refuses, it would refuse again; and an error of the work itself is the caller's at once."""
    tries = []

    def work(session: Session) -> None:
        tries.append(1)
        session.add(Party(id=PEOPLE[0], kind=PartyKind.INDIVIDUAL, display_name="again"))

    with pytest.raises(DBAPIError, match="party_pkey"):
        in_transaction(people, work)
    with pytest.raises(ZeroDivisionError):
        in_transaction(people, lambda _: 1 // 0)
    assert len(tries) == 1


def test_what_failed_is_rolled_back(people: Sessions):
    """Nothing of a transaction that raised stays."""

    def work(session: Session) -> None:
        session.get_one(Party, PEOPLE[0]).phone = "999"
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        in_transaction(people, work)
    with people() as session:
        assert session.get_one(Party, PEOPLE[0]).phone is None


def test_a_service_on_asyncio_records_and_allocates(strict_url: URL):
    """Three deliveries of one message at once, by psycopg 3 in one event loop: one payment, allocated once, audited, READ COMMITTED."""

    def lend(session: Session) -> tuple[UUID, UUID]:
        assert isolation(session) == "read committed"
        desk = Desk(session)
        return desk.lend(Terms(principal=Decimal("1000.00"), months=1, start=desk.months_ago(2))).id, desk.company.id

    async def serve() -> list[Decimal]:
        engine = make_async_engine(strict_url)
        factory = async_session_factory(engine, actor="webhook")
        loan_id, company_id = await in_async_transaction(factory, lend)

        def deliver(session: Session) -> Decimal:
            payment, _ = record_payment(
                session,
                legal_entity_id=company_id,
                currency_code="SGD",
                amount=Decimal("400.00"),
                received_at=datetime.now(UTC),
                provider="stripe",
                external_reference="pi_1",
            )
            made = allocate_payment(session, payment, session.get_one(Loan, loan_id)).allocations
            return sum((part.allocated_amount for part in made), Decimal(0))

        allocated = await asyncio.gather(*[in_async_transaction(factory, deliver) for _ in range(3)])
        async with factory() as session:
            payment = (await session.scalars(select(Payment).where(Payment.external_reference == "pi_1"))).one()
            assert payment.amount == 400
            owed = await session.run_sync(lambda sync: unpaid_dues(sync, sync.get_one(Loan, loan_id)))
            assert sum(due.amount for due in owed) == 600
        await engine.dispose()
        return sorted(allocated)

    assert asyncio.run(serve()) == [0, 0, 400]
    assert rows(strict_url, "SELECT DISTINCT actor FROM ops.audit_log WHERE table_name = 'payment' AND action = 'INSERT'") == [("webhook",)]


def test_a_deadlock_on_asyncio_is_begun_anew(own_engine: Engine, people: Sessions):
    """Two tasks that lock two rows crosswise both end, the one that PostgreSQL ended at its second attempt."""

    async def serve() -> int:
        engine = make_async_engine(own_engine.url)
        factory = async_session_factory(engine)
        # In one event loop nobody can wait at a barrier; that the first lock is held long enough does the same.
        hold = text("SELECT pg_sleep(0.3)")
        tries = []

        async def work(order: list[UUID]) -> None:
            def once(session: Session) -> None:
                tries.append(order)
                session.get_one(Party, order[0], with_for_update=True)
                session.execute(hold)
                session.get_one(Party, order[1], with_for_update=True).phone = "1"

            await in_async_transaction(factory, once)

        await asyncio.gather(work(PEOPLE), work(PEOPLE[::-1]))
        await engine.dispose()
        return len(tries)

    assert asyncio.run(serve()) == 3


def test_the_last_failure_on_asyncio_reaches_the_caller(own_engine: Engine, people: Sessions):
    """A refusal by psycopg 3 carries the rule, as one by psycopg2 does."""

    async def serve() -> str | None:
        engine = make_async_engine(own_engine.url)

        def work(session: Session) -> None:
            session.add(Party(id=PEOPLE[0], kind=PartyKind.INDIVIDUAL, display_name="again"))

        try:
            await in_async_transaction(async_session_factory(engine), work, actor="web")
        except DBAPIError as refused:
            return explain(refused)
        finally:
            await engine.dispose()
        return None

    assert asyncio.run(serve()) == (
        'party_pkey: duplicate key value violates unique constraint "party_pkey": there is such a row already: look it up'
    )


def test_a_wrong_url_is_told_in_a_sentence():
    """As of every engine of ours."""
    with pytest.raises(DatabaseUrlError, match="is not a PostgreSQL URL"):
        make_async_engine("mysql://localhost/rently")


def test_sessions_and_lending_import_sqlalchemy_alone():
    """A service's start pays for SQLAlchemy and the models: no driver, no greenlet, no Alembic, nothing of the migration."""
    code = (
        "import sys\n"
        "for name in ('greenlet', 'psycopg', 'psycopg2', 'alembic', 'pglast', 'rich', 'typer'): sys.modules[name] = None\n"
        "import rently_db.sessions, rently_db.lending\n"
        "print(*sorted({name.split('.')[1] for name in sys.modules if name.startswith('rently_db.')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["lending", "models", "sessions"]
