"""The pytest plugin: migrated databases, sessions on them, a frozen business date.

pytest imports this module in every run of every project that has rently_db[testing] installed: whatever takes time to import is
imported in the fixtures that need it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.orm import Session, sessionmaker

    from rently_db.sessions import ActingSession
    from rently_db.testing.databases import Databases

URL_VARIABLE = "RENTLY_TEST_URL"
_USAGE_ERROR = 4
_MARK = "rently_business_date"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options that say on which server the tests run, and on which day."""
    group = parser.getgroup("rently_db", "databases of rently_db")
    about = "PostgreSQL server for the tests, with a role that may create databases"
    group.addoption("--rently-url", metavar="URL", help=f"{about} (default: ini rently_url, else {URL_VARIABLE}, else the embedded one)")
    parser.addini("rently_url", f"{about}; the option --rently-url and the variable {URL_VARIABLE} come first")
    parser.addini("rently_server", "fixture of pytest-postgresql that runs the server for the tests, e.g. postgresql_proc")
    parser.addini("rently_business_date", "business date of the tests, as 2026-06-30 (the default)")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", f'{_MARK}("2026-12-31"): business date of the test')


def _given_url(config: pytest.Config) -> tuple[str, str] | None:
    """The URL that somebody gave, and where."""
    places = (
        (config.getoption("--rently-url"), "the option --rently-url"),
        (os.environ.get(URL_VARIABLE), f"the environment variable {URL_VARIABLE}"),
        (config.getini("rently_url"), "the ini option rently_url"),
    )
    return next(((url, place) for url, place in places if url), None)


def _stop(config: pytest.Config, sentence: str) -> NoReturn:
    """End the run with a sentence; a worker of pytest-xdist, which can't end it, fails each test that needs a database with it."""
    if hasattr(config, "workerinput"):
        raise pytest.fail.Exception(sentence, pytrace=False) from None
    raise pytest.exit.Exception(sentence, returncode=_USAGE_ERROR) from None


@pytest.fixture(scope="session")
def rently_databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Makes databases on the test server: ``with rently_databases.database() as url``. What killed runs left there is dropped first."""
    from sqlalchemy.exc import OperationalError

    from rently_db.database import DatabaseUrlError, connect_error_sentence, parse_url
    from rently_db.server import ServerError

    try:
        from rently_db.testing.databases import Databases
        from rently_db.testing.servers import Executor, embedded, executor_url
    except ImportError as problem:
        _stop(request.config, f"databases for tests need more than is installed ({problem}); run: pip install 'rently-db[testing]'")
    with ExitStack() as stack:
        url: URL | None = None
        try:
            given, fixture = _given_url(request.config), request.config.getini("rently_server")
            keep = False
            if given is not None:
                url = parse_url(given[0], source=given[1])
                url = url.set(database=url.database or "postgres")
            elif fixture:
                executor: Executor = request.getfixturevalue(fixture)
                url = executor_url(executor)
            else:
                url, keep = stack.enter_context(embedded())
            databases = stack.enter_context(Databases(url))
        except (DatabaseUrlError, ServerError) as problem:
            _stop(request.config, str(problem))
        except OperationalError as problem:
            _stop(request.config, connect_error_sentence(problem, url))
        databases.keep_template = keep
        yield databases


@pytest.fixture(scope="session")
def rently_template(request: pytest.FixtureRequest, rently_databases: Databases) -> Iterator[str]:
    """Name of a database at head, with the reference data of a new v1, to copy from. One for all workers that run at the same time."""
    from alembic.util import CommandError

    from rently_db.packaged import IncompletePackageError
    from rently_db.testing.template import template

    with ExitStack() as stack:
        try:
            name = stack.enter_context(template(rently_databases, keep=rently_databases.keep_template))
        except (CommandError, IncompletePackageError) as problem:
            _stop(request.config, str(problem))
        yield name


@pytest.fixture
def rently_business_date(request: pytest.FixtureRequest) -> date:
    """The business date of the test: of its marker ``rently_business_date``, else of the ini option, else 30 June 2026.

    Databases have it as ``rently.business_date``, factories count from it. Override this fixture to compute it.
    """
    from rently_db.testing.factories.base import BUSINESS_DATE

    marker = request.node.get_closest_marker(_MARK)
    given: object = marker.args[0] if marker is not None and marker.args else request.config.getini("rently_business_date")
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given)) if given else BUSINESS_DATE
    except ValueError:
        raise pytest.UsageError(f"rently_business_date is {given!r}, which is no date; write it as 2026-06-30") from None


@pytest.fixture
def rently_database(rently_databases: Databases, rently_template: str, rently_business_date: date) -> Iterator[URL]:
    """URL of a database at head of this test's own. Whoever connects finds the business date set.

    A session that the test leaves open is an error that names it; the database is dropped all the same.
    """
    with rently_databases.database(template=rently_template) as url:
        rently_databases.set_business_date(url, rently_business_date)
        yield url
        left = rently_databases.sessions(url)
        if left:
            pytest.fail(f"the test left open what uses its database; close or dispose of it: {'; '.join(left)}", pytrace=False)


@pytest.fixture
def rently_engine(rently_database: URL) -> Iterator[Engine]:
    """An engine on ``rently_database``."""
    from rently_db.database import make_engine

    engine = make_engine(rently_database)
    yield engine
    engine.dispose()


@pytest.fixture
def rently_async_engine(rently_database: URL) -> AsyncEngine:
    """An asynchronous engine on ``rently_database``, by psycopg 3; a connection ends when it is given back."""
    from rently_db.testing.sessions import async_engine

    return async_engine(rently_database)


@pytest.fixture
def rently_committed_session(rently_engine: Engine, rently_business_date: date) -> Iterator[Session]:
    """A session on a database of the test's own: what it commits, others see. The factories write to it.

    Its objects are read anew after a commit, so that a test sees what triggers and other sessions wrote.
    """
    from rently_db.sessions import session_factory
    from rently_db.testing.factories import using

    with session_factory(rently_engine)(expire_on_commit=True) as session, using(session, business_date=rently_business_date):
        yield session


@pytest.fixture(scope="session")
def _rently_shared_engine(rently_databases: Databases, rently_template: str) -> Iterator[Engine]:
    """An engine on a database that all tests of a worker share, since none of them commits."""
    from rently_db.database import make_engine

    with rently_databases.database(template=rently_template) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def rently_connection(_rently_shared_engine: Engine, rently_business_date: date) -> Iterator[Connection]:
    """A connection within a transaction that is rolled back after the test."""
    from rently_db.testing.sessions import rolled_back

    with rolled_back(_rently_shared_engine, rently_business_date) as connection:
        yield connection


@pytest.fixture
def rently_sessionmaker(rently_connection: Connection) -> sessionmaker[ActingSession]:
    """Makes sessions that see each other's commits; after the test all of it is rolled back. For code that opens its own sessions.

    They are those of `rently_db.sessions.session_factory`: `in_transaction` takes it, objects stay readable after a commit, the audit is
    told who acts.
    """
    from rently_db.testing.sessions import session_maker

    return session_maker(rently_connection)


@pytest.fixture
def rently_session(rently_sessionmaker: sessionmaker[ActingSession], rently_business_date: date) -> Iterator[Session]:
    """A session whose commits are savepoints, rolled back after the test: the fast way. The factories write to it.

    Its objects are read anew after a commit, so that a test sees what triggers and other sessions wrote.
    """
    from rently_db.testing.factories import using

    with rently_sessionmaker(expire_on_commit=True) as session, using(session, business_date=rently_business_date):
        yield session
