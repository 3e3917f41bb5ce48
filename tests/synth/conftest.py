"""Books that several tests read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest
from psycopg2 import extensions
from sqlalchemy import URL

from rently_db.synth import SynthOptions, SynthReport, write_v0
from rently_db.testing.databases import Databases


@dataclass(frozen=True)
class Book:
    """A database that was filled, and what the generator says about it."""

    connection: extensions.connection
    report: SynthReport

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def value(self, query: str) -> Any:
        """The only value of a query."""
        [[value]] = self.rows(query)
        return value


def connect(url: URL) -> extensions.connection:
    """A psycopg2 connection to a database of the test server."""
    return psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))


@pytest.fixture(scope="session")
def clean_book(databases: Databases) -> Iterator[Book]:
    """1,000 loans without defects."""
    with databases.database() as url:
        connection = connect(url)
        yield Book(connection, write_v0(connection, SynthOptions(1_000)))
        connection.close()


@pytest.fixture(scope="session")
def dirty_book(databases: Databases) -> Iterator[Book]:
    """2,500 loans with every kind of defect."""
    with databases.database() as url:
        connection = connect(url)
        yield Book(connection, write_v0(connection, SynthOptions(2_500, dirty="all")))
        connection.close()
