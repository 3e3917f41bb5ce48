"""One deployment at a time: the lock, and the wait for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

from psycopg2 import Error as PgError
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)
from sqlalchemy import Connection, Engine

from rently_db.migrate.errors import ResumableError
from rently_db.migrate.variables import seconds

log = logging.getLogger("rently_db.migrate")

WAIT_VARIABLE = "RENTLY_DEPLOY_WAIT"
LOCK_KEY = 7_203_140_582
"""The advisory lock that one deployment at a time holds: any number, the same for every release."""


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[Connection]:
    """Hold the deployment lock, waiting up to ``RENTLY_DEPLOY_WAIT`` seconds (600) while another deployment works.

    Gives the connection to work on. The lock belongs to its session, and so is free exactly when nothing of a deployment is at work any
    more: a statement that outlives its killed client keeps it, a lost connection can't leave two at work.
    It is polled: a blocking lock would deadlock with the other's concurrent index builds.

    Raises:
        CommandError: the other deployment did not end in time, or the variable holds no time.
    """
    patience = seconds(WAIT_VARIABLE, 600, "the time to wait for another deployment", may_be_zero=True)
    with engine.connect() as connection:
        # Not through SQLAlchemy: Alembic wants a connection on which no transaction has begun.
        raw = cast("PgConnection", connection.connection.driver_connection)
        _lock(raw, patience)
        try:
            yield connection
        finally:
            if not raw.closed:
                with suppress(PgError):  # the connection was lost, and the lock with it
                    raw.rollback()
                    _ask(raw, "SELECT pg_advisory_unlock(%s)")


def _lock(raw: PgConnection, patience: float) -> None:
    deadline = time.monotonic() + patience
    pause = 0.05
    told = False
    while not _ask(raw, "SELECT pg_try_advisory_lock(%s)"):
        if time.monotonic() > deadline:
            raise ResumableError(
                f"another deployment has been working on this database for {patience:.0f} s; "
                f"wait for it, or allow more time with {WAIT_VARIABLE}=SECONDS"
            )
        if not told:
            log.info("another deployment is working on this database; waiting up to %.0f s for it to end", patience)
            told = True
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def _ask(raw: PgConnection, query: str) -> bool:
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            cursor.execute(query, (LOCK_KEY,))
            found = cursor.fetchone()
    finally:
        if not raw.closed:
            raw.autocommit = False
    return bool(found and found[0])
