"""The loop around the work: one host at a time, through lost connections, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import cast

from alembic.util import CommandError
from psycopg2 import Error as PgError
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)
from sqlalchemy import URL, Engine, NullPool
from sqlalchemy.exc import DBAPIError, OperationalError

from rently_db.database import connect_error_sentence, make_engine
from rently_db.operations.due.work import Done, Round

LOCK_KEY = 7_203_140_584
"""The advisory lock that one loop a database holds."""
_LONGEST_PAUSE = 30.0

_HOLDER = """
SELECT format('process %%s (%%s%%s)', a.pid, a.application_name, coalesce(', ' || host(a.client_addr), ''))
FROM pg_catalog.pg_locks AS l INNER JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
    WHERE d.datname = current_database()) AND (l.classid::bigint << 32) + l.objid::bigint = %s
"""

# A host that is gone, or a process that was killed in the middle of a statement, must not keep the lock from the others for hours.
_NOTICE_OUR_END = """
SELECT set_config(s.name, v.setting, false)
FROM (
    VALUES ('client_connection_check_interval', '5s'), ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'),
    ('tcp_keepalives_count', '3')
) AS v (name, setting)
INNER JOIN pg_catalog.pg_settings AS s ON s.name = v.name
"""


@dataclass(frozen=True, slots=True)
class Options:
    """How to go about it.

    ``once``: work off what is due and leave. ``interval``: seconds between two looks while nothing waits. ``batch``: loans a transaction.
    """

    once: bool = False
    interval: float = 5.0
    batch: int = 500


class Loop:
    """Keeps a database up to date until ``stop`` is called, or a signal tells it to (see ``listening``)."""

    def __init__(self, url: URL, options: Options, report: Callable[[Done], None], say: Callable[[str], None]) -> None:
        self._url = url
        self._options = options
        self._report = report
        self._say = say
        self._stop = threading.Event()

    def stop(self) -> None:
        """Leave after the present transaction."""
        self._stop.set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C stop the loop after the present transaction. Only for the main thread."""

        def told(number: int, _frame: FrameType | None) -> None:
            self._say(f"{signal.Signals(number).name}: stopping after the present batch")
            self.stop()

        before = [(number, signal.signal(number, told)) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            yield
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    def run(self) -> None:
        """Work until told to stop, or with ``once`` until nothing is due.

        Raises:
            CommandError: the server can't be reached at the beginning, or the database is not at ``v1_analytics``.
        """
        # A limit that the role has is meant for applications: here each task has its own.
        options = {"options": "-c statement_timeout=0"}
        engine = make_engine(self._url.set(drivername="postgresql+psycopg2"), poolclass=NullPool, connect_args=options)
        began, pause = False, 1.0
        try:
            while not self._stop.is_set():
                try:
                    with self._connected(engine) as connection:
                        if began:
                            self._say("connected again")
                        began, pause = True, 1.0
                        self._work(connection)
                        return
                except (OperationalError, PgError) as problem:
                    sentence = connect_error_sentence(problem, self._url.set(drivername="postgresql"))
                    if not began or self._options.once:
                        raise CommandError(sentence) from problem
                    self._say(f"{sentence} (next try in {pause:.0f} s)")
                    self._stop.wait(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            engine.dispose()

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[PgConnection]:
        with engine.connect() as connection:
            raw = cast("PgConnection", connection.connection.driver_connection)
            raw.autocommit = True
            try:
                yield raw
            except PgError as error:
                if raw.closed:
                    # Nothing of it is left to tidy up.
                    with suppress(DBAPIError):
                        connection.invalidate(error)
                raise

    def _work(self, connection: PgConnection) -> None:
        self._check(connection)
        # Before PostgreSQL 14, and where its system can't, a statement goes on to its end before anybody notices.
        with suppress(PgError), connection.cursor() as cursor:
            cursor.execute(_NOTICE_OUR_END)
        if not self._lock(connection):
            return
        work = Round(connection, self._options.batch, self._report, self._stop.is_set)
        while not self._stop.is_set():
            worked = work.run()
            if self._options.once:
                return
            if not worked:
                self._stop.wait(self._options.interval)

    def _check(self, connection: PgConnection) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('analytics.due_task') IS NOT NULL")
            found = cursor.fetchone()
        if not (found and found[0]):
            raise CommandError(
                "this database is not at revision v1_analytics, so there is nothing to keep up to date; run rently-db migrate"
            )

    def _lock(self, connection: PgConnection) -> bool:
        """Wait for the lock of the loop; with ``once``, or when told to stop, leave without it."""
        told = False
        while not self._stop.is_set():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK_KEY,))
                found = cursor.fetchone()
                if found and found[0]:
                    if told:
                        self._say("the other has ended; this one goes on")
                    return True
                cursor.execute(_HOLDER, (LOCK_KEY,))
                holder = cursor.fetchone()
            who = holder[0] if holder else "another session"
            if self._options.once:
                self._say(f"{who} is keeping this database up to date; nothing to do here")
                return False
            if not told:
                self._say(f"{who} is keeping this database up to date; waiting for it to end")
                told = True
            self._stop.wait(self._options.interval)
        return False
