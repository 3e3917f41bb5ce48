"""One run of the migration: its row in ``ops.migration_run``, who keeps it waiting, whom it keeps waiting, and who watches.

A second connection looks on while the first one works: PostgreSQL tells a waiting session nothing about what it waits for.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from rently_db.migrate.actions import Action

log = logging.getLogger("rently_db.migrate")

_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class StepAt:
    """Where a run is: the action and its place in the revision."""

    revision: str
    direction: str
    number: int
    total: int
    action: Action


class Observer(Protocol):
    """Somebody who watches a run, such as the progress display of ``rently-db migrate``; called from the run's thread, but ``waiting``."""

    def started(self, step: StepAt) -> None:
        """An action begins; one that was done already is not mentioned."""

    def progress(self, step: StepAt, rows: int, expected: int | None) -> None:
        """So many rows of a batched action are done, of so many (an estimate)."""

    def waiting(self, step: StepAt, reason: str | None) -> None:
        """The action waits for somebody (one sentence), or goes on (None). Called from another thread."""

    def finished(self, step: StepAt, rows: int, seconds: float) -> None:
        """The action is done."""


class Silent:
    """The observer nobody asked for."""

    def started(self, step: StepAt) -> None:
        """Nothing."""

    def progress(self, step: StepAt, rows: int, expected: int | None) -> None:
        """Nothing."""

    def waiting(self, step: StepAt, reason: str | None) -> None:
        """Nothing."""

    def finished(self, step: StepAt, rows: int, seconds: float) -> None:
        """Nothing."""


class Guarded:
    """An observer whose own errors are logged and end nothing."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def started(self, step: StepAt) -> None:
        """Pass it on."""
        self._pass(lambda: self._observer.started(step))

    def progress(self, step: StepAt, rows: int, expected: int | None) -> None:
        """Pass it on."""
        self._pass(lambda: self._observer.progress(step, rows, expected))

    def waiting(self, step: StepAt, reason: str | None) -> None:
        """Pass it on."""
        self._pass(lambda: self._observer.waiting(step, reason))

    def finished(self, step: StepAt, rows: int, seconds: float) -> None:
        """Pass it on."""
        self._pass(lambda: self._observer.finished(step, rows, seconds))

    def _pass(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception:  # whoever only watches can't be a reason to stop a migration half way
            log.exception("the progress display failed; the migration goes on")
            self._observer = Silent()


# A cheap look first: who waits for nothing, and keeps nobody waiting, costs one row of pg_stat_activity.
_LOOK = """
SELECT
    CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS me WHERE me.pid = %(pid)s AND me.wait_event_type = 'Lock')
        THEN pg_catalog.pg_blocking_pids(%(pid)s) ELSE '{}' END,
    (
        SELECT count(*) FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid <> %(pid)s AND a.wait_event_type = 'Lock' AND %(pid)s = ANY (pg_catalog.pg_blocking_pids(a.pid))
    )
"""
_WHO = """
SELECT
    a.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown application'), a.usename, a.state,
    extract(epoch FROM pg_catalog.clock_timestamp()
        - CASE WHEN a.state LIKE 'idle in transaction%%' THEN a.state_change ELSE a.xact_start END)::float8,
    regexp_replace(left(a.query, 80), '\\s+', ' ', 'g')
FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = ANY (%(pids)s)
"""
_PREPARED = "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 1"
# Who holds a lock on a table that conflicts with any strong one; for a try that has just given up.
_HOLDERS = """
SELECT DISTINCT l.pid FROM pg_catalog.pg_locks AS l
WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid() AND l.locktype IN ('relation', 'tuple')
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
    AND l.relation = ANY (SELECT to_regclass('public.' || quote_ident(r))::oid FROM unnest(%(relations)s::text[]) AS r)
    AND (%(readers)s OR l.mode NOT IN ('AccessShareLock', 'RowShareLock'))
ORDER BY 1
"""


def describe(connection: PgConnection, pids: list[int]) -> str:
    """Who these processes are, in words: process, application, how long, and the beginning of the statement."""
    with connection.cursor() as cursor:
        cursor.execute(_WHO, {"pids": pids})
        people = [_person(*row) for row in cursor.fetchall()]
        if 0 in pids:  # PostgreSQL's number for a transaction that was prepared and has no process
            cursor.execute(_PREPARED)
            found = cursor.fetchone()
            people.append(f"the prepared transaction {found[0] if found else 'of somebody'} (COMMIT PREPARED or ROLLBACK PREPARED ends it)")
    return "; ".join(people) or ", ".join(f"process {pid}" for pid in pids)


def _person(*row: Any) -> str:
    pid, application, user, state, seconds, query = row
    doing = f"{state or 'state not shown to this role'}"
    since = f" for {seconds:.0f} s" if seconds is not None else ""
    said = f": {query}" if query else ""
    return f"process {pid} ({application}{f' of {user}' if user else ''}, {doing}{since}){said}"


def holders(connection: PgConnection, action: Action) -> str | None:
    """Who holds locks that the action's conflict with, in words; None if they have gone meanwhile."""
    wanted = [lock for lock in action.locks if lock.blocks_writers]
    if not wanted:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, {"relations": [lock.relation for lock in wanted], "readers": any(lock.blocks_readers for lock in wanted)})
        pids = [int(row[0] or 0) for row in cursor.fetchall()]
    return describe(connection, pids) if pids else None


class Watcher:
    """Looks on from a connection of its own: names who blocks the run, and counts whom the run blocks."""

    def __init__(self, connect: Callable[[], PgConnection], pid: int, waiting: Callable[[PgConnection, str | None], None]) -> None:
        self._connect = connect
        self._pid = pid
        self._waiting = waiting
        self._stop = threading.Event()
        self._in_the_way = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="rently-watcher", daemon=True)

    def start(self) -> None:
        """Begin to look on."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the thread."""
        self._stop.set()
        self._thread.join(timeout=5)

    def was_in_the_way(self) -> bool:
        """Whether the run has kept anybody waiting since the last time this was asked."""
        seen = self._in_the_way.is_set()
        self._in_the_way.clear()
        return seen

    def _look_on(self) -> None:
        connection: PgConnection | None = None
        told: list[int] = []
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                connection = connection or self._connect()
                told = self._look(connection, told)
            except psycopg2.Error:
                # Looking on is a service: without it the run goes on, and says less.
                connection = None
                self._stop.wait(2)
        if connection is not None:
            connection.close()

    def _look(self, connection: PgConnection, told: list[int]) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, {"pid": self._pid})
            row = cursor.fetchone()
        blockers, blocked = (sorted(set(row[0])), row[1]) if row else ([], 0)
        if blocked:
            self._in_the_way.set()
        if blockers != told:
            self._waiting(connection, describe(connection, blockers) if blockers else None)
        return blockers


@dataclass(slots=True)
class MigrationRun:
    """What a run has done so far, over all its revisions."""

    id: int | None = None
    observer: Observer = field(default_factory=Silent)
    rows: int = 0
    retries: int = 0
    longest_lock_seconds: float = 0.0
    longest_lock_step: str = ""
    started: float = field(default_factory=time.monotonic)
    watcher: Watcher | None = None
    step: StepAt | None = None
    told: str = ""

    @property
    def seconds(self) -> float:
        """Time since the start, in seconds."""
        return time.monotonic() - self.started

    def waiting(self, connection: PgConnection, reason: str | None) -> None:
        """Say who keeps the present step waiting, or (None) that it goes on: in the log, to the observer, and in ``ops.migration_step``.

        ``connection`` is in autocommit, and not at work in another thread.
        """
        step = self.step
        if step is None:
            return
        # The runner and the watcher both find out; the seconds are another's each time.
        said = f"{step.revision}: {step.action.title} waits for {reason}" if reason else ""
        if reason and re.sub(r"\d+ s\b", "", said) != re.sub(r"\d+ s\b", "", self.told):
            log.info("%s", said)
        self.told = said or self.told
        self.observer.waiting(step, reason)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ops.migration_step SET waiting_for = %s WHERE revision = %s AND direction = %s AND step = %s AND state = 'running'",
                (reason, step.revision, step.direction, step.action.title),
            )

    def held(self, seconds: float, step: str) -> None:
        """A lock that others wait for was held so long."""
        if seconds > self.longest_lock_seconds:
            self.longest_lock_seconds, self.longest_lock_step = seconds, step

    def summary(self) -> str:
        """The run in one line, for the log."""
        where = f" ({self.longest_lock_step})" if self.longest_lock_step else ""
        return (
            f"{self.seconds:.1f} s, {self.rows:,} rows touched, longest lock {self.longest_lock_seconds:.3f} s{where}, "
            f"{self.retries} {'retry' if self.retries == 1 else 'retries'}"
        )


def begin(connection: Any, direction: str, current: str | None, target: str | None, pid: int) -> int:
    """Record that a run begins, and that those before it whose process is gone did not end. Gives its id.

    ``connection`` is SQLAlchemy's, in a transaction that the caller commits; ``pid`` is the server process that will do the work.
    """
    connection.exec_driver_sql(
        "UPDATE ops.migration_run SET state = 'failed', finished_at = clock_timestamp(), error = 'killed: it left without a word' "
        "WHERE state = 'running'"  # we hold the deployment lock: no other run is alive
    )
    found = connection.exec_driver_sql(
        "INSERT INTO ops.migration_run (direction, from_revision, to_revision, client_host, client_pid, backend_pid) "
        "VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        (direction, current, target, socket.gethostname(), os.getpid(), pid),
    )
    return int(found.scalar_one())


def end(connection: Any, run: MigrationRun, error: str | None) -> None:
    """Record how a run ended. ``connection`` is SQLAlchemy's, in a transaction that the caller commits.

    That commit waits for the disk, and with it for everything the run has written: the steps themselves don't wait.
    """
    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
    connection.exec_driver_sql(
        "UPDATE ops.migration_run SET state = %s, error = %s, rows_touched = %s, retries = %s, longest_lock_seconds = %s, "
        "finished_at = clock_timestamp() WHERE id = %s",
        ("failed" if error else "done", error, run.rows, run.retries, round(run.longest_lock_seconds, 3), run.id),
    )
