"""Sessions for services on asyncio, by psycopg 3, as `rently_db.sessions` makes them. Needs ``pip install rently-db[async]``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session

from rently_db.database import make_engine, parse_url
from rently_db.sessions import ACTOR, ISOLATION, RETRIED, ActingSession, act_as, pauses_after, sqlstate

T = TypeVar("T")


def make_async_engine(url: str | URL, **kwargs: Any) -> AsyncEngine:
    """`rently_db.database.make_engine` for asyncio, by psycopg 3, with the same settings of its sessions.

    Raises DatabaseUrlError if ``url`` is a text that is no PostgreSQL URL, ModuleNotFoundError without the extra ``async``.
    """
    parsed = parse_url(url) if isinstance(url, str) else url
    return AsyncEngine(make_engine(parsed.set(drivername="postgresql+psycopg_async"), **kwargs))


def async_session_factory(engine: AsyncEngine, *, actor: str | None = None) -> async_sessionmaker[AsyncSession]:
    """`session_factory` for asyncio. Functions that take a `Session` run in it by ``await session.run_sync(function, ...)``."""
    shared = engine.execution_options(isolation_level=ISOLATION)
    return async_sessionmaker(shared, sync_session_class=ActingSession, expire_on_commit=False, info={ACTOR: actor})


async def in_async_transaction(
    sessions: async_sessionmaker[AsyncSession], work: Callable[[Session], T], *, actor: str | None = None, attempts: int = 4
) -> T:
    """`in_transaction` for asyncio. The work is a plain function of a `Session`, as those of `rently_db.lending` are."""
    pauses = pauses_after(attempts)
    while True:
        try:
            async with sessions() as session:
                if actor is not None:
                    act_as(session, actor)
                async with session.begin():
                    return await session.run_sync(work)
        except DBAPIError as error:
            pause = next(pauses, None)
            if pause is None or sqlstate(error) not in RETRIED:
                raise
        await asyncio.sleep(pause)
