"""A small hand-made book at head: shared by tests that roll back, a copy of its own for tests with several sessions."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.rules.book import Book, load
from tests.support.migrations import plain


@pytest.fixture(scope="session")
def small_book_template(databases: Databases, head_template: str) -> Iterator[str]:
    """Name of a database at head with the small book, to copy from."""
    with databases.database(template=head_template) as url:
        connection = psycopg2.connect(plain(url))
        try:
            load(connection)
            connection.commit()
        finally:
            connection.close()
        yield str(url.database)


@pytest.fixture(scope="session")
def small_book_url(databases: Databases, small_book_template: str) -> Iterator[URL]:
    """URL of the one copy that all tests read which roll back."""
    with databases.database(template=small_book_template) as url:
        yield url


@pytest.fixture
def book(small_book_url: URL) -> Iterator[Book]:
    """The small book in a transaction that is rolled back."""
    connection = psycopg2.connect(plain(small_book_url))
    try:
        yield Book(connection)
    finally:
        connection.close()


@pytest.fixture
def own_book_url(databases: Databases, small_book_template: str) -> Iterator[URL]:
    """URL of a copy of the small book that this test may commit to."""
    with databases.database(template=small_book_template) as url:
        yield url
