"""Every view that carries figures, cell by cell against the oracle: today, and on days of the past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

import rently_db.sql
from rently_db.sql.header import split_header
from rently_db.testing.databases import Databases
from tests.analytics.conftest import bring_to
from tests.oracle.book import Book
from tests.oracle.compare import Figures, assert_agree, fetch, keyed
from tests.oracle.facts import BUSINESS_DATE, PAST_DAYS
from tests.oracle.figures.look import Look
from tests.oracle.figures.registry import FIGURES, NOT_COMPARED
from tests.support.migrations import connect, rows

SQL = Path(rently_db.sql.__file__).parent


def key_of(view: str) -> tuple[str, ...]:
    """The columns that the view's header declares to be unique."""
    [path] = [*SQL.glob(f"views/*/{view}.sql"), *SQL.glob(f"matviews/*/{view}.sql")]
    return split_header(path.read_text(encoding="utf-8"), path, relation=True)[0].key


def columns_of(figures: Figures) -> set[str]:
    """The columns of a view's rows."""
    return set(next(iter(figures.values())))


def published_in(url: URL) -> tuple[date, ...]:
    """The month-ends of which the database has a snapshot, those after its business date too."""
    return tuple(day for (day,) in rows(url, "SELECT day FROM analytics.published_day WHERE is_month_end ORDER BY day"))


@pytest.fixture(scope="module", params=[BUSINESS_DATE, *PAST_DAYS], ids=str)
def looked_at(request: pytest.FixtureRequest, databases: Databases, analytics_template: str, book: Book) -> Iterator[tuple[URL, Look]]:
    """The book on a day, and the oracle's look at it."""
    day: date = request.param
    with databases.database(template=analytics_template) as url:
        bring_to(url, day)
        yield url, Look(book, day, published_in(url))


@pytest.mark.parametrize("view", FIGURES)
def test_the_view_says_what_the_oracle_says(looked_at: tuple[URL, Look], view: str) -> None:
    """Every cell that carries a figure is what docs/analytics.md and the view's header define, computed without SQL."""
    url, look = looked_at
    connection = connect(url)
    try:
        database = keyed(fetch(connection, f"SELECT * FROM analytics.{view}"), key_of(view))
    finally:
        connection.close()
    oracle = keyed(FIGURES[view](look), key_of(view))
    assert_agree(view, database, oracle)
    assert columns_of(database) - columns_of(oracle) == NOT_COMPARED.get(view, set())
