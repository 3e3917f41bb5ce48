"""What tests of the maintained state share: a book of 60 loans on 30 June 2026, its worker, and what a computation gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from psycopg2 import OperationalError
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.migrations import connect, run_sql, upgrade

DAY = "2026-06-30"
DIFFERENCES = (
    "SELECT * FROM analytics.loan_state_differences(ARRAY(SELECT id FROM public.loan UNION SELECT loan_id FROM analytics.loan_state))"
)
WAITING = "SELECT loan_id::text FROM analytics.loan_waiting ORDER BY 1"


def set_day(url: URL, day: str = DAY) -> None:
    """The business date of every session to come; a copy of a database does not inherit it."""
    run_sql(url, f"ALTER DATABASE {url.database} SET rently.business_date = '{day}'")


@pytest.fixture(scope="session")
def live_template(databases: Databases) -> Iterator[str]:
    """Name of a synthetic book of 60 loans at head, migrated on 30 June 2026, to copy from."""
    with databases.database() as url:
        write_v0_book(url, 60)
        set_day(url)
        upgrade(url)
        yield str(url.database)


@pytest.fixture(scope="session")
def live_url(databases: Databases, live_template: str) -> Iterator[URL]:
    """URL of the one copy that tests read which roll back."""
    with databases.database(template=live_template) as url:
        set_day(url)
        yield url


@pytest.fixture
def live(live_url: URL) -> Iterator[Session]:
    """The book in a transaction that is rolled back."""
    with session(live_url) as opened:
        yield opened


@pytest.fixture
def own_url(databases: Databases, live_template: str) -> Iterator[URL]:
    """URL of a copy of the book that this test may commit to."""
    with databases.database(template=live_template) as url:
        set_day(url)
        yield url


class Session:
    """A connection, and short ways to ask it."""

    def __init__(self, connection: PgConnection) -> None:
        self.connection = connection

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a statement gives; nothing if it gives no rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def run(self, query: str, **names: Any) -> list[tuple[Any, ...]]:
        """The same, with parameters by name."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, names)
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str, *parameters: Any) -> Any:
        """The one value that a query gives."""
        [(value,)] = self.rows(query, *parameters)
        return value

    def column(self, query: str, *parameters: Any) -> list[Any]:
        """The one column that a query gives."""
        return [row[0] for row in self.rows(query, *parameters)]

    def commit(self) -> None:
        """COMMIT."""
        self.connection.commit()

    def work_off(self, batch: int = 100) -> int:
        """Let the worker go on until nothing waits; how many loans it computed."""
        total = 0
        while done := self.value("SELECT analytics.process_loan_queue(%s)", batch):
            total += done
        return total

    def differences(self) -> list[tuple[Any, ...]]:
        """Where the maintained state of the whole book is not what a computation gives."""
        return self.rows(DIFFERENCES)


@contextmanager
def session(url: URL, *, autocommit: bool = False) -> Iterator[Session]:
    """A session of its own; what is not committed is rolled back."""
    connection = connect(url)
    connection.autocommit = autocommit
    try:
        yield Session(connection)
    finally:
        # Closing alone ends a transaction some time later, and with it its locks.
        if not (connection.closed or autocommit):
            with suppress(OperationalError):
                connection.rollback()
        connection.close()
