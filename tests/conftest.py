"""Fixtures for all tests: a PostgreSQL server and fresh databases on it.

RENTLY_TEST_URL names a server (a role that may create databases), RENTLY_TEST_PG a major version to fetch and start;
without them it is the embedded PostgreSQL 18. Under pytest-xdist every worker starts a server of its own.

RENTLY_SHARE=3 runs every third case of long tables of cases, for machines that have an hour; without it all of them run.
RENTLY_SEARCH=1 lets hypothesis make other cases in every run; without it they are the same in each: what passed once passes again.
"""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Iterator

import hypothesis
import pytest
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from rently_db.database import DatabaseUrlError, connect_error_sentence, parse_url
from rently_db.server import Server, ServerError, installed_server
from rently_db.testing.databases import Databases
from rently_db.testing.template import template
from tests.support.books import write_v0_book
from tests.support.migrations import upgrade

# No deadline: how long a case takes says more about what else the machine does than about the code.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", print_blob=True, deadline=None)
hypothesis.settings.load_profile("search" if os.environ.get("RENTLY_SEARCH") else "same")

LONG_TABLE = 8
"""From so many cases of one test on, a share of them may stand for all."""
LONGEST = (
    "test_killed",
    "test_how_to",
    "test_runbook",
    "test_docs_operations",
    "test_blocks",
    "test_site",
    "test_pg_cron",
    "test_analytics",
    "test_wheel",
    "test_faults",
)
"""Files that take minutes. They go first: a file stays with one process, and the others should not wait for it in the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Longest files first. Leave out what RENTLY_SHARE does not ask for: names alone decide, and the first case always runs."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    share = int(os.environ.get("RENTLY_SHARE", "1"))
    tables = defaultdict(list)
    for item in items:
        if item.path.parent.name != "docs":  # what is not looked at there is what rots; and it is quick
            tables[item.nodeid.partition("[")[0]].append(item)
    left_out = {
        item for cases in tables.values() if len(cases) >= LONG_TABLE for item in cases[1:] if zlib.crc32(item.nodeid.encode()) % share
    }
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """URL of the test server's database `postgres` (or of the one that RENTLY_TEST_URL names), for an administrator."""
    given, version = os.environ.get("RENTLY_TEST_URL"), os.environ.get("RENTLY_TEST_PG")
    try:
        if given:
            url = parse_url(given, source="the environment variable RENTLY_TEST_URL")
            yield url.set(database=url.database or "postgres")
        else:
            with Server(installed_server(version) if version else None) as server:
                yield parse_url(server.url())
    except (DatabaseUrlError, ServerError) as problem:
        pytest.exit(str(problem), returncode=2)


@pytest.fixture(scope="session")
def databases(server_url: URL) -> Iterator[Databases]:
    """Makes databases on the test server, empty or from a template; drops what killed runs left there."""
    try:
        with Databases(server_url) as made:
            yield made
    except OperationalError as problem:
        pytest.exit(connect_error_sentence(problem, server_url), returncode=2)


@pytest.fixture(scope="session")
def rently_databases(databases: Databases) -> Databases:
    """The plugin that services use (`rently_db.testing`) works on the server of this run."""
    return databases


@pytest.fixture(scope="session")
def server_version(databases: Databases) -> int:
    """server_version_num of the test server: 120022 for 12.22."""
    return databases.version()


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[URL]:
    """URL of a fresh, empty database of this test's own; dropped afterwards."""
    with databases.database() as url:
        yield url


@pytest.fixture(scope="session")
def head_template(databases: Databases) -> Iterator[str]:
    """Name of a database made by `alembic upgrade head`, to copy from; processes on one server share it."""
    with template(databases) as name:
        yield name


@pytest.fixture(scope="session")
def book_template(databases: Databases) -> Iterator[str]:
    """Name of a v0 database with a clean synthetic book of 60 loans, to copy from."""
    with databases.database() as url:
        write_v0_book(url, 60)
        yield str(url.database)


@pytest.fixture(scope="session")
def v1_book_template(databases: Databases, book_template: str) -> Iterator[str]:
    """Name of the synthetic book of 60 loans at head, to copy from."""
    with databases.database(template=book_template) as url:
        upgrade(url, "head")  # by name: the first to ask may be a module for which upgrades end at v1
        yield str(url.database)


@pytest.fixture
def head_database(databases: Databases, head_template: str) -> Iterator[URL]:
    """URL of an empty database at head, of this test's own."""
    with databases.database(template=head_template) as url:
        yield url


@pytest.fixture
def book_database(databases: Databases, book_template: str) -> Iterator[URL]:
    """URL of a v0 database with 60 loans, of this test's own; never under Alembic's control yet."""
    with databases.database(template=book_template) as url:
        yield url


@pytest.fixture
def v1_book(databases: Databases, v1_book_template: str) -> Iterator[URL]:
    """URL of the book of 60 loans at head, of this test's own."""
    with databases.database(template=v1_book_template) as url:
        yield url
