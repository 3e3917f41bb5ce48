from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.extras
import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.synth.v0_rows import RowMaker
from rently_db.synth.v0_workload import V0Application
from rently_db.testing.databases import Databases
from tests.support.content import NEW_COLUMNS, content
from tests.support.migrations import downgrade, plain, rows, run_sql, upgrade


def _moment(month: int, day: int) -> datetime:
    """A moment of 2024 as v0 keeps it; in the morning, so that its date is the same in Singapore."""
    return datetime(2024, month, day, 9, 30, tzinfo=UTC).replace(tzinfo=None)


class Book:
    """A few rows of v0, of which the test knows what they prove. ``ids`` has them by role."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.ids: dict[str, UUID] = {}
        self._make = RowMaker()
        self._at: dict[str, Any] = {"currency": "SGD"}

    def put(self, role: str, table: str, **given: Any) -> UUID:
        """Insert a row of v0; what it refers to and is not given is what was put last, by table."""
        row = self._make.row(table, self._at, **given)
        connection = psycopg2.connect(plain(self.url))
        with connection, connection.cursor() as cursor:
            psycopg2.extras.register_uuid(conn_or_curs=cursor)
            cursor.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f'%({name})s' for name in row)})", row)
        connection.close()
        self.ids[role] = self._at[table] = row["id"]
        return row["id"]

    def value(self, table: str, column: str, role: str) -> Any:
        """One value, moments in UTC."""
        shown = f"({column} AT TIME ZONE 'UTC')::text" if column.endswith("_at") else f"{column}::text"
        [(value,)] = rows(self.url, f"SELECT {shown} FROM {table} WHERE id = '{self.ids[role]}'")
        return value


def _fill(book: Book) -> None:
    put = book.put
    for table in ("legal_entity", "product", "ledger_account", "party", "payment_instrument"):
        put(table, table)
    put("application", "application")
    put("decision", "decision")
    put("paid loan", "loan")
    put("role", "party_role")
    put("second payout", "disbursement", disbursed_at=_moment(3, 4), status="completed")
    put("no payout", "disbursement")
    put("first payout", "disbursement", disbursed_at=_moment(2, 1), status="completed")
    put("payment", "payment", received_at=_moment(4, 5))
    put("of payment", "ledger_entry", payment_id=book.ids["payment"])
    put("late payment", "payment", received_at=_moment(4, 5) + timedelta(hours=13))
    put("of late payment", "ledger_entry", payment_id=book.ids["late payment"])
    put("of payment and payout", "ledger_entry", payment_id=book.ids["payment"], disbursement_id=book.ids["first payout"])
    put("of payout", "ledger_entry", disbursement_id=book.ids["second payout"], loan_id=None)
    put("open payment", "payment", received_at=None)
    put("of open payment", "ledger_entry", payment_id=book.ids["open payment"])
    put("of loan", "ledger_entry")
    put("taken over", "application")
    put("its decision", "decision")
    put("unpaid loan", "loan", start_date=date(2023, 12, 1), status="closed")
    put("pending payout", "disbursement")
    put("later loan", "loan", start_date=date(2024, 5, 1))
    put("refused", "application", status="rejected")
    put("its refusal", "decision", outcome="rejected", approved_amount=None)


@pytest.fixture(scope="module")
def book(databases: Databases) -> Iterator[Book]:
    """The few rows, at head."""
    with databases.database() as url:
        upgrade(url, "v0")
        made = Book(url)
        _fill(made)
        upgrade(url)
        yield made


@pytest.mark.parametrize(
    ("table", "column", "role", "evidence"),
    [
        ("loan", "created_at", "paid loan", "2024-02-01 09:30:00"),
        ("loan", "created_at", "unpaid loan", "2023-12-01 00:00:00"),
        ("application", "created_at", "application", "2024-02-01 09:30:00"),
        ("application", "created_at", "taken over", "2023-12-01 00:00:00"),
        ("decision", "decided_at", "decision", "2024-02-01 09:30:00"),
        ("decision", "decided_at", "its decision", "2023-12-01 00:00:00"),
        ("party_role", "effective_from", "role", "2024-01-15"),
        ("ledger_entry", "entry_date", "of payment", "2024-04-05"),
        ("ledger_entry", "entry_date", "of payment and payout", "2024-04-05"),
        ("ledger_entry", "entry_date", "of late payment", "2024-04-06"),
        ("ledger_entry", "entry_date", "of payout", "2024-03-04"),
        ("ledger_entry", "entry_date", "of open payment", "2024-01-15"),
        ("ledger_entry", "entry_date", "of loan", "2024-01-15"),
    ],
)
def test_a_date_is_what_v0s_own_rows_prove(book: Book, table: str, column: str, role: str, evidence: str):
    """The first payout dates a loan, or its start; the first loan what led to it; money dates its entries, or else the loan's start.

    22:30 UTC is the next business day in Singapore.
    """
    assert book.value(table, column, role) == evidence


@pytest.mark.parametrize(
    ("table", "column", "role"),
    [
        ("application", "created_at", "refused"),
        ("decision", "decided_at", "its refusal"),
        ("party", "created_at", "party"),
        ("payment", "created_at", "payment"),
        ("payment", "processed_at", "payment"),
        ("loan", "updated_at", "paid loan"),
        ("party_role", "created_at", "role"),
        ("ledger_entry", "created_at", "of payment"),
        ("disbursement", "created_at", "first payout"),
    ],
)
def test_without_evidence_a_moment_stays_unknown(book: Book, table: str, column: str, role: str):
    """NULL means: before v1, nobody knows; no date is made up."""
    assert book.value(table, column, role) is None


@pytest.mark.parametrize(("role", "status", "since"), [("paid loan", "active", "2024-01-15"), ("unpaid loan", "closed", "2023-12-01")])
def test_the_history_of_a_loan_begins_with_its_contract(book: Book, role: str, status: str, since: str):
    """All that is known of the past is today's status and when the loan began; that the row was derived shows in its empty created_at."""
    found = rows(
        book.url,
        "SELECT status_type, status_value, (effective_from AT TIME ZONE 'UTC')::text, effective_through, reason, created_at "
        f"FROM loan_status_history WHERE loan_id = '{book.ids[role]}'",
    )
    assert found == [("operational_status", status, f"{since} 00:00:00", None, None, None)]


def test_a_status_that_changes_before_the_backfill_arrives(book_database: URL):
    """A loan that changes while the migration runs keeps what it was until then, since its start, and gets the change dated now."""
    upgrade(book_database, "v1_bridges")
    run_sql(
        book_database,
        "UPDATE loan SET status = 'written_off' WHERE loan_number = (SELECT min(loan_number) FROM loan WHERE status = 'active')",
    )
    upgrade(book_database)
    found = rows(
        book_database,
        "SELECT h.status_value, h.effective_from = l.start_date::timestamp AT TIME ZONE 'UTC', h.created_at IS NULL, h.effective_through "
        "IS NULL FROM loan_status_history h JOIN loan l ON l.id = h.loan_id JOIN loan_status_history n ON n.loan_id = l.id "
        "AND n.created_at IS NOT NULL ORDER BY h.effective_from",
    )
    assert found == [("active", True, True, False), ("written_off", False, False, True)]


def test_no_old_row_says_it_is_of_today(v1_book: URL):
    """In a whole book no column that v1 added holds the moment of the migration."""
    wrong = []
    for table, columns in {**NEW_COLUMNS, "loan_status_history": ("created_at", "effective_from")}.items():
        for column in columns:
            kind = f"SELECT data_type FROM information_schema.columns WHERE table_name = '{table}' AND column_name = '{column}'"
            if rows(v1_book, kind) in ([("date",)], [("timestamp with time zone",)]):
                wrong += [f"{table}.{column}"] * len(rows(v1_book, f"SELECT FROM {table} WHERE {column} > now() - interval '1 day'"))
    assert wrong == []


@pytest.mark.parametrize("given", [{}, {"payment_id": "open payment"}, {"disbursement_id": "pending payout"}], ids=str)
def test_an_entry_without_any_date_stops_the_upgrade_before_it_begins(empty_database: URL, given: dict[str, str]):
    """Books need a date: an entry of nothing that is dated is named before anything changes, and once mended the upgrade goes on."""
    upgrade(empty_database, "v0")
    book = Book(empty_database)
    for table in ("legal_entity", "product", "ledger_account", "party", "payment_instrument"):
        book.put(table, table)
    book.put("open payment", "payment", received_at=None)
    book.put("loan", "loan", application_id=None)
    book.put("pending payout", "disbursement")
    entry = book.put("entry", "ledger_entry", loan_id=None, **{name: book.ids[role] for name, role in given.items()})
    with pytest.raises(CommandError, match=rf"(?s)ledger_entry\.entry_date not null \(id {entry}\).*Nothing was changed"):
        upgrade(empty_database)
    assert rows(empty_database, "SELECT version_num FROM ops.alembic_version") == [("v0",)]
    assert rows(empty_database, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'entry_date'") == [(0,)]
    run_sql(empty_database, f"UPDATE ledger_entry SET loan_id = '{book.ids['loan']}' WHERE id = '{entry}'")
    upgrade(empty_database)
    assert book.value("ledger_entry", "entry_date", "entry") == "2024-01-15"


@pytest.mark.parametrize("revision", ["v1_expand", "v1_bridges", "v1"])
def test_what_v0_writes_from_now_on_is_dated_now(book_database: URL, revision: str):
    """From the moment that v1's columns exist a new row is of today, also one that arrives while the migration still runs."""
    upgrade(book_database, revision)
    connection = psycopg2.connect(plain(book_database))
    written = V0Application(connection)
    written.book_loan()
    connection.close()
    upgrade(book_database)
    now = datetime.now(UTC)
    found = content(book_database)
    for table, ids in written.written.items():
        for column in {"created_at", "decided_at", "entry_date", "effective_from"} & set(NEW_COLUMNS[table]):
            for key in ids:
                value = datetime.fromisoformat(found[table][str(key)][column])
                shown = value if value.tzinfo else value.replace(tzinfo=UTC)
                assert timedelta(0) <= now - shown < timedelta(days=1), (table, column)


def test_derived_dates_are_not_kept_twice(book: Book):
    """A rollback keeps only what v0's rows don't prove: what is derived, the next upgrade derives again."""
    downgrade(book.url)
    assert rows(book.url, "SELECT table_name, new_value FROM ops.row_journal WHERE kind = 'kept'") == []
    upgrade(book.url)
    assert book.value("loan", "created_at", "paid loan") == "2024-02-01 09:30:00"
    assert book.value("application", "created_at", "refused") is None
