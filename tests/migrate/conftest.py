"""What the tests of the migration share: how far they go, and a book with every defect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.support import migrations
from tests.support.books import write_v0_book

TO_V1 = frozenset(
    {
        "test_accounting",
        "test_accounting_unexplained",
        "test_adoption",
        "test_back_up_again",
        "test_derived",
        "test_kept",
        "test_preflight",
        "test_preflight_survey",
        "test_races",
        "test_stopped",
    }
)
"""Modules about what becomes of v0's rows: analytics and operations come after, change none of them, and take three times as long.

Round trips, kills, faults and both applications' workloads go all the way to head.
"""


@pytest.fixture(scope="module", autouse=True)
def target(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let ``upgrade(url)`` end at v1 in those modules."""
    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__.rpartition(".")[2] in TO_V1:
            patch.setattr(migrations, "TARGET", "v1")
        yield


@pytest.fixture(scope="session")
def dirty_template(databases: Databases) -> Iterator[str]:
    """Name of a v0 book with every repairable defect, to copy from; never under Alembic's control yet."""
    with databases.database() as url:
        write_v0_book(url, 55, dirty="repairable")
        yield str(url.database)


@pytest.fixture
def dirty_v0(databases: Databases, dirty_template: str) -> Iterator[URL]:
    """The dirty book, of this test's own."""
    with databases.database(template=dirty_template) as url:
        yield url


@pytest.fixture(scope="session")
def halfway_template(databases: Databases, dirty_template: str) -> Iterator[str]:
    """Name of the dirty book at v1_validate, to copy from: its accounts are open, and the bridges are there."""
    with databases.database(template=dirty_template) as url:
        migrations.upgrade(url, "v1_validate")
        yield str(url.database)


@pytest.fixture
def halfway(databases: Databases, halfway_template: str) -> Iterator[URL]:
    """The dirty book at v1_validate, of this test's own."""
    with databases.database(template=halfway_template) as url:
        yield url
