"""Fixtures for all tests: a PostgreSQL server and fresh databases on it.

RENTLY_TEST_URL names a server (a role that may create databases), RENTLY_TEST_PG a major version to fetch and start;
without them it is the embedded PostgreSQL 18. Under pytest-xdist every worker starts a server of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from rently_db.database import DatabaseUrlError, connect_error_sentence, parse_url
from rently_db.server import Server, ServerError, installed_server
from tests.support.databases import Databases


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
def server_version(databases: Databases) -> int:
    """server_version_num of the test server: 120022 for 12.22."""
    return databases.version()


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[URL]:
    """URL of a fresh, empty database of this test's own; dropped afterwards."""
    with databases.database() as url:
        yield url
