"""A book of 60 loans at head, whose worker has nothing left to do, and sessions on it as a service has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session, sessionmaker

from rently_db.database import make_engine
from rently_db.sessions import ActingSession, session_factory
from rently_db.testing.databases import Databases
from tests.lending.desk import Desk


@pytest.fixture(scope="session")
def book_url(databases: Databases, v1_book_template: str) -> Iterator[URL]:
    """URL of the one copy of the book that tests read which roll back."""
    with databases.database(template=v1_book_template) as url:
        yield url


@pytest.fixture(scope="session")
def book_engine(book_url: URL) -> Iterator[Engine]:
    """An engine on that copy."""
    engine = make_engine(book_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(book_engine: Engine) -> Iterator[Session]:
    """A session in a transaction that is rolled back."""
    with session_factory(book_engine, actor="clerk 7")() as opened:
        yield opened


@pytest.fixture
def desk(session: Session) -> Desk:
    """A lending desk in that transaction."""
    return Desk(session)


@pytest.fixture
def own_engine(v1_book: URL) -> Iterator[Engine]:
    """An engine on a copy of the book that this test may commit to."""
    engine = make_engine(v1_book)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(own_engine: Engine) -> sessionmaker[ActingSession]:
    """Sessions on that copy."""
    return session_factory(own_engine)
