"""updated_at: every change of a row advances it, in the database and in the objects of the ORM."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session

from rently_db.database import make_engine
from rently_db.models import AmortisationPlan, Base, Loan, Payment, PaymentInstrument, PaymentStatus, PlanStatus
from tests.rules.book import ID, Book

TABLES = sorted(table.name for table in Base.metadata.tables.values() if "updated_at" in table.columns)
CHANGE: dict[str, dict[str, Any]] = {
    "amortisation_plan": {"reason": "Read again"},
    "application": {"tenor_months": 18},
    "collections_event": {"notes": "Called again"},
    "disbursement": {"status": "failed"},
    "ledger_account": {"name": "Bank"},
    "legal_entity": {"registration_no": "1"},
    "loan": {"property_contract_id": "P-1"},
    "loan_transfers": {"reason": "Moved"},
    "party": {"phone": "1"},
    "payment": {"provider": "adyen"},
    "payment_disputes": {"resolution_notes": "Paid"},
    "payment_instrument": {"bank_name": "DBS"},
    "product": {"description": "Rent"},
    "security_interest": {"description": "Deposit"},
}


def moments(book: Book, table: str) -> tuple[datetime, datetime]:
    """When the row says it was last changed, and when this transaction began."""
    return book.rows(f"SELECT updated_at, now() FROM {table} WHERE id = %s", ID[table])[0]


@pytest.mark.parametrize("table", TABLES)
def test_a_change_is_dated(book: Book, table: str) -> None:
    """A change sets updated_at to its transaction's moment, whatever the application writes there; rewriting the same does not."""
    before, now = moments(book, table)
    assert before < now
    column, value = next(iter(CHANGE[table].items()))
    assert book.execute(f"UPDATE {table} SET {column} = {column}, updated_at = updated_at WHERE id = %s", ID[table]) == 1
    assert moments(book, table)[0] == before
    assert book.change(table, **{column: value}, updated_at="2001-01-01Z") == 1
    assert moments(book, table)[0] == now


def test_every_table_that_is_changed_in_place_has_updated_at(book: Book) -> None:
    """Each table with the column has its trigger, and each trigger its column."""
    triggers = book.rows("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'set_updated_at' ORDER BY 1")
    assert [table for (table,) in triggers] == TABLES
    assert sorted(CHANGE) == TABLES


@pytest.fixture
def orm(small_book_url: URL) -> Iterator[Session]:
    """A session of the ORM on the small book, rolled back."""
    engine = make_engine(small_book_url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def test_an_object_knows_its_new_updated_at(orm: Session) -> None:
    """After a flush the object has what the trigger wrote, without a refresh."""
    loan = orm.get_one(Loan, ID["loan"])
    before = loan.updated_at
    loan.property_contract_id = "P-1"
    orm.flush()
    assert "updated_at" in loan.__dict__, "it would need another query"
    assert before is not None
    assert loan.updated_at is not None
    assert before < loan.updated_at <= datetime.now(UTC)


def test_an_object_knows_what_a_trigger_gave_it(orm: Session) -> None:
    """A reversal's moment and a new row's id, which the database makes, are on the object after the flush."""
    payment = orm.get_one(Payment, ID["payment"])
    payment.status = PaymentStatus.REVERSED
    orm.flush()
    assert payment.__dict__["reversed_at"] is not None
    old = orm.get_one(PaymentInstrument, ID["payment_instrument"])
    new = PaymentInstrument(party_id=old.party_id, instrument_type=old.instrument_type, currency_code="SGD", is_default=True)
    orm.add(new)
    orm.flush()
    assert new.__dict__["id"].version == 7
    orm.refresh(old)
    assert old.is_default is False, "what a trigger does to another row takes a refresh"


def test_the_orm_supersedes_a_plan(orm: Session) -> None:
    """The ORM may insert the new active plan first, as v0 does."""
    old = orm.get_one(AmortisationPlan, ID["amortisation_plan"])
    new = AmortisationPlan(loan_id=old.loan_id, version=3, status=PlanStatus.ACTIVE, effective_from=old.effective_from)
    orm.add(new)
    orm.flush()
    orm.refresh(old)
    assert (old.status, new.status) == (PlanStatus.SUPERSEDED, PlanStatus.ACTIVE)
