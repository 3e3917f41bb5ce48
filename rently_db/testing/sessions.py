"""Sessions of tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import URL, Connection, Engine, NullPool, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from rently_db.sessions import ACTOR, ActingSession


@contextmanager
def rolled_back(engine: Engine, business_date: date) -> Iterator[Connection]:
    """A connection in a transaction that never commits, and for whose time the business date is frozen."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            connection.execute(text("SELECT set_config('rently.business_date', :day, true)"), {"day": business_date.isoformat()})
            yield connection
        finally:
            transaction.rollback()


def session_maker(connection: Connection) -> sessionmaker[ActingSession]:
    """Sessions as those of `rently_db.sessions.session_factory`, within the connection's transaction.

    Their commits release savepoints, their rollbacks go back to them.
    """
    maker = sessionmaker(
        connection, class_=ActingSession, expire_on_commit=False, info={ACTOR: None}, join_transaction_mode="create_savepoint"
    )
    event.listen(maker, "before_commit", _end_as_a_commit_does)
    return maker


def _end_as_a_commit_does(session: Session) -> None:
    """Do at a commit what a savepoint would not: check what the database checks at commits (that journals balance), forget who acts."""
    if session.get_nested_transaction() is None:
        session.flush()
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        session.execute(text("SELECT set_config('rently.actor', '', true)"))


def async_engine(url: URL) -> AsyncEngine:
    """An engine that keeps no connection: closing one takes an event loop, and the test's is gone when fixtures are torn down."""
    return create_async_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args={"options": "-c TimeZone=UTC"})
