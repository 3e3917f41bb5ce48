"""A book to compare figures on: 300 loans of v0, migrated, with everything that only v1 knows; on 30 June 2026."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import URL

from rently_db.synth import SynthOptions, write_v0
from rently_db.testing.databases import Databases
from tests.oracle.book import Book, read
from tests.oracle.contract_facts import add_contract_facts
from tests.oracle.edge_facts import add_edge_facts
from tests.oracle.facts import BUSINESS_DATE, add_facts, add_late_facts
from tests.oracle.histories import write_world
from tests.oracle.loans import LoanState
from tests.oracle.risk import Risk, risks_of, states_of
from tests.support.migrations import connect, run_sql, upgrade

LOANS = 300


def set_business_date(url: URL, day: object) -> None:
    """Let every new session of a database see that business date; copies of the database don't inherit it."""
    run_sql(url, f"ALTER DATABASE {url.database} SET rently.business_date = '{day}'")


def bring_to(url: URL, day: date) -> None:
    """Let it be that business date: the state of every loan, and what is materialized, as the worker leaves them on that day."""
    set_business_date(url, day)
    run_sql(
        url,
        "SELECT analytics.keep_loan_state(array_agg(l.id)) FROM public.loan AS l",
        "ANALYZE",
        "SELECT analytics.refresh_all_materialized_views()",
    )


def work_off(url: URL) -> None:
    """Let the worker bring loan_state up to date, until nothing waits."""
    connection = connect(url)
    with connection.cursor() as cursor:
        worked = 1
        while worked:
            cursor.execute("SELECT analytics.process_loan_queue(1000)")
            [(worked,)] = cursor.fetchall()
    connection.close()


def write(url: URL, write_facts: Callable[[Any], None]) -> None:
    """Let a function write through a connection of its own, in one transaction."""
    connection = connect(url)
    connection.autocommit = False
    try:
        write_facts(connection)
    finally:
        connection.close()


@pytest.fixture(scope="session")
def analytics_template(databases: Databases) -> Iterator[str]:
    """Name of the book at head with v1's facts, to copy from: month-ends published by the migration, June's cash through the queue."""
    with databases.database() as url:
        connection = connect(url)
        write_v0(connection, SynthOptions(loans=LOANS, business_date=BUSINESS_DATE))
        connection.close()
        set_business_date(url, BUSINESS_DATE)
        upgrade(url, "v1")
        write(url, add_facts)
        write(url, add_contract_facts)
        write(url, add_edge_facts)
        upgrade(url)
        write(url, add_late_facts)
        work_off(url)
        # Autovacuum would get there in minutes; without statistics the planner goes astray over so many month-ends.
        run_sql(url, "ANALYZE", "SELECT analytics.refresh_all_materialized_views()")
        yield str(url.database)


@pytest.fixture(scope="session")
def analytics_book(databases: Databases, analytics_template: str) -> Iterator[URL]:
    """URL of the book on 30 June 2026, for the whole session: read only."""
    with databases.database(template=analytics_template) as url:
        set_business_date(url, BUSINESS_DATE)
        run_sql(url, "ANALYZE")
        yield url


@pytest.fixture
def analytics_copy(databases: Databases, analytics_template: str) -> Iterator[URL]:
    """URL of a copy of that book, of this test's own."""
    with databases.database(template=analytics_template) as url:
        set_business_date(url, BUSINESS_DATE)
        yield url


@pytest.fixture(scope="session")
def book(analytics_book: URL) -> Book:
    """The raw rows of the book, as the oracle reads them."""
    connection = connect(analytics_book)
    try:
        return read(connection)
    finally:
        connection.close()


@pytest.fixture(scope="session")
def states(book: Book) -> dict[str, LoanState]:
    """The oracle's state of every loan on the business date."""
    return states_of(book, dict.fromkeys(book.entities, BUSINESS_DATE))


@pytest.fixture(scope="session")
def risks(book: Book, states: dict[str, LoanState]) -> dict[str, Risk]:
    """The oracle's risk of every loan on the business date."""
    return risks_of(book, states)


@pytest.fixture(scope="session")
def history_world(databases: Databases, head_template: str) -> Iterator[PgConnection]:
    """A connection, in a transaction, to a database at head with what histories share and no loan."""
    with databases.database(template=head_template) as url:
        connection = connect(url)
        connection.autocommit = False
        with connection.cursor() as cursor:
            write_world(cursor)
        connection.commit()
        yield connection
        connection.close()


@pytest.fixture(scope="module")
def head_url(databases: Databases, head_template: str) -> Iterator[URL]:
    """URL of a database at head without a loan, of a module's own."""
    with databases.database(template=head_template) as url:
        yield url
