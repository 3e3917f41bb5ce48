"""The session of a test behaves like that of the service, and leaves nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from rently_db.models import Currency, JournalEntry, LegalEntity, Loan, Party, Product, StatusValue
from rently_db.sessions import ActingSession, act_as, in_transaction
from rently_db.testing.factories import JournalEntryFactory, LedgerEntryFactory, PartyFactory


def parties(session: Session) -> int:
    """How many parties the session sees."""
    return session.scalar(select(func.count()).select_from(Party))


def test_a_rollback_of_the_code_goes_back_to_its_last_commit(rently_session: Session):
    """What the code committed before stays when it rolls back later, as in production."""
    PartyFactory.create_sync()
    rently_session.commit()
    PartyFactory.create_sync()
    rently_session.rollback()
    assert parties(rently_session) == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_the_next_does_not_see(rently_session: Session, turn: int):
    """Each turn finds an empty table, though both commit."""
    assert parties(rently_session) == 0
    PartyFactory.create_sync()
    rently_session.commit()


def test_a_commit_checks_what_the_database_checks_at_commits(rently_session: Session):
    """A journal that does not balance fails when the code commits, although the transaction of the test never does."""
    journal = JournalEntryFactory.create_sync(entries=[])
    LedgerEntryFactory.create_sync(journal=journal, amount=Decimal("5.00"))
    with pytest.raises(IntegrityError, match="does not balance in SGD"):
        rently_session.commit()
    rently_session.rollback()
    assert rently_session.scalar(select(func.count()).select_from(JournalEntry)) == 0


def test_a_savepoint_of_the_code_is_no_commit(rently_session: Session):
    """Within a savepoint of its own the code may book one side first, as in production."""
    journal = JournalEntryFactory.create_sync(entries=[])
    with rently_session.begin_nested():
        LedgerEntryFactory.create_sync(journal=journal, side="debit")
    LedgerEntryFactory.create_sync(journal=journal, side="credit")
    rently_session.commit()
    rently_session.refresh(journal, ["entries"])
    assert sorted(entry.side for entry in journal.entries) == ["credit", "debit"]


def test_reference_data_of_a_new_v1_is_there(rently_session: Session):
    """Currencies, status values and the rules of both countries are those of a fresh database; there is no business yet."""
    assert set(rently_session.scalars(text("SELECT DISTINCT country_code FROM classification_rule"))) == {"SG", "AE"}
    assert rently_session.get(Currency, "SGD").minor_units == 2
    assert rently_session.get(StatusValue, ("collections_stage", "overdue"))
    assert [rently_session.scalar(select(func.count()).select_from(model)) for model in (LegalEntity, Product, Loan)] == [0, 0, 0]


def test_a_committed_row_is_seen_by_other_connections(rently_committed_session: Session, rently_engine: Engine):
    """The committed variant is a database of the test's own."""
    PartyFactory.create_sync()
    rently_committed_session.commit()
    with Session(rently_engine) as other:
        assert parties(other) == 1


def test_sessions_of_the_code_are_those_of_a_service(rently_sessionmaker: sessionmaker[ActingSession]):
    """What a transaction gives back stays readable, and the audit knows who acted in it, and only in it."""

    def enrol(session: Session) -> Party:
        party = PartyFactory.build()
        session.add(party)
        return party

    party = in_transaction(rently_sessionmaker, enrol, actor="clerk 7")
    other = in_transaction(rently_sessionmaker, enrol)
    with rently_sessionmaker() as session:
        query = text("SELECT actor FROM ops.audit_log WHERE row_id = :row")
        actors = [session.scalar(query, {"row": str(row.id)}) for row in (party, other)]
        assert actors == ["clerk 7", session.scalar(text("SELECT session_user"))]


def test_the_committed_session_is_that_of_a_service(rently_committed_session: Session):
    """Its transactions name the actor, too."""
    act_as(rently_committed_session, "clerk 7")
    party = PartyFactory.create_sync()
    rently_committed_session.commit()
    assert rently_committed_session.scalar(text("SELECT actor FROM ops.audit_log WHERE row_id = :row"), {"row": str(party.id)}) == "clerk 7"
