"""Sessions for services: READ COMMITTED, with the audit told who acts, begun anew where PostgreSQL asks for it.

Imports SQLAlchemy and nothing else. For asyncio there is `rently_db.async_sessions`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

ACTOR = "actor"
"""The key of `Session.info` under which the actor stands."""
ISOLATION = "READ COMMITTED"
_FIRST_PAUSE = 0.05
RETRIED = {"40001": "serialization failure", "40P01": "deadlock", "55P03": "lock timeout"}
"""The SQLSTATEs after which the same transaction, begun anew, may succeed. A lost connection is none: its commit may have happened."""


class ActingSession(Session):
    """A session whose transactions say who acts: ``info["actor"]`` becomes the actor of `ops.audit_log`."""


@event.listens_for(ActingSession, "after_begin")
def _say_who_acts(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if session.info.get(ACTOR) and not transaction.nested:
        # For this transaction only: the connection goes back to a pool.
        connection.execute(select(func.set_config("rently.actor", session.info[ACTOR], True)))


def act_as(session: Session | AsyncSession, actor: str) -> None:
    """Let the session's next transactions be audited under a name, e.g. ``"clerk 7, request 81f2"``; call it before the first statement.

    Raises ValueError for an empty name, and for a session in the middle of a transaction: half of it would carry another name.
    """
    if not actor:
        raise ValueError("the actor has no name; pass whoever asked for the change, e.g. 'clerk 7'")
    if session.in_transaction():
        raise ValueError("the session is in a transaction; name the actor before its first statement, or after its commit")
    session.info[ACTOR] = actor


def session_factory(engine: Engine, *, actor: str | None = None) -> sessionmaker[ActingSession]:
    """Makes sessions for a service. ``actor`` is who acts unless `act_as` says otherwise; without either it is the login.

    READ COMMITTED whatever the server's default is: the rules about money refuse other levels. Objects stay readable after the commit
    (``expire_on_commit=False``); a query sees what the session has not flushed yet (autoflush, as always).
    """
    shared = engine.execution_options(isolation_level=ISOLATION)
    return sessionmaker(shared, class_=ActingSession, expire_on_commit=False, info={ACTOR: actor})


def in_transaction(
    sessions: sessionmaker[ActingSession], work: Callable[[Session], T], *, actor: str | None = None, attempts: int = 4
) -> T:
    """Do the work in a transaction of its own and commit it; begin anew after a deadlock, a lock timeout or a serialization failure.

    ``work`` may run several times: it takes what it needs from its session, and does nothing that a rollback does not undo (no e-mails).
    Raises what the work raises, DBAPIError if the last attempt fails as well, and ValueError for an empty name of the actor.
    """
    pauses = pauses_after(attempts)
    while True:
        try:
            with sessions() as session:
                if actor is not None:
                    act_as(session, actor)
                with session.begin():
                    return work(session)
        except DBAPIError as error:
            pause = next(pauses, None)
            if pause is None or sqlstate(error) not in RETRIED:
                raise
        time.sleep(pause)


def sqlstate(error: DBAPIError) -> str | None:
    """The SQLSTATE of a database's refusal, whichever driver tells it. None: the connection failed."""
    return getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)


def pauses_after(attempts: int) -> Iterator[float]:
    """Seconds to wait after each failed attempt but the last: growing, and random, so that two that met don't meet again."""
    for attempt in range(attempts - 1):
        yield _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
