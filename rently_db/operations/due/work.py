"""One round of work on an open connection: the queue until it is empty, then each task whose time has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2 import Error as PgError
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

QUEUE = "queue"
"""Under this name the loans that were computed are reported."""

_DUE = """
SELECT t.name, t.statement, t.repeats, t.every <= '1 minute', (1000 * extract(epoch FROM coalesce(t.time_limit, '0')))::bigint, t.last_run
FROM analytics.due_task AS t
WHERE t.is_active AND (t.last_run IS NULL OR t.last_run + t.every <= clock_timestamp())
ORDER BY t.last_run NULLS FIRST, t.name
"""

_WAITING = """
SELECT
    (SELECT count(DISTINCT q.loan_id) FROM analytics.loan_state_queue AS q)
    + (
        SELECT count(*)
        FROM analytics.loan_state AS s
        INNER JOIN public.legal_entity AS e ON e.id = s.legal_entity_id
        WHERE s.next_change_on <= analytics.business_date(e.time_zone)
    )
"""

_GONE = {"3F000", "42P01", "42883"}
"""SQLSTATEs of a schema, table or function that is not there (any more): a downgrade has taken it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the queue or a task, the sum of what it gave, how long it took, and why it failed or what it warned of."""

    task: str
    result: int
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    statement: str
    repeats: bool
    is_quick: bool
    """Due every minute or more often: it does not wait until a long task is through."""
    limit_ms: int
    """How long one run of the statement may take, in milliseconds; 0: as long as it takes."""
    former_run: datetime | None


class Round:
    """Works on a connection in autocommit: every statement is a transaction, so whatever ends it leaves nothing half done.

    ``report`` hears what was done; ``stopping`` says, between two statements, whether to leave the rest for another time.
    """

    def __init__(self, connection: PgConnection, batch: int, report: Callable[[Done], None], stopping: Callable[[], bool]) -> None:
        self._connection = connection
        self._batch = batch
        self._report = report
        self._stopping = stopping

    def run(self) -> bool:
        """The queue, then what is due. Tells whether there was anything to do."""
        worked = self.work_off()
        for task in self._due():
            if self._stopping():
                break
            self._run(task)
            worked = True
        return worked

    def work_off(self) -> bool:
        """Compute as many loans as wait now, the oldest notes first, or until none is free. Tells whether there was one.

        Who writes faster than this computes would keep it for ever from the tasks, if it went on until nothing waits.
        """
        began, total = time.monotonic(), 0
        try:
            waiting = self._number(_WAITING)
            while total < waiting and not self._stopping():
                if not (computed := self._number("SELECT analytics.process_loan_queue(%s)", self._batch)):
                    break
                total += computed
        except PgError as error:
            self._unless_lost(error)
            self._report(Done(QUEUE, total, time.monotonic() - began, _said(error)))
            return False
        if total:
            self._report(Done(QUEUE, total, time.monotonic() - began))
        return total > 0

    def _due(self) -> list[_Task]:
        with self._connection.cursor() as cursor:
            cursor.execute(_DUE)
            return [_Task(*row) for row in cursor.fetchall()]

    def _run(self, task: _Task) -> None:
        began, total = time.monotonic(), 0
        self._note(task, "last_run = clock_timestamp()")
        warnings: list[str] = []
        try:
            while result := self._limited(task, warnings):
                total += result
                if not task.repeats:
                    break
                if self._stopping():
                    # There may be more: it is due again at once.
                    self._note(task, "last_run = %s", task.former_run)
                    return
                # A long task must not let the loans grow old, nor what is kept for a minute.
                self.work_off()
                if not task.is_quick:
                    for quick in self._due():
                        if quick.is_quick and not self._stopping():
                            self._run(quick)
        except PgError as error:
            self._unless_lost(error)
            self._note(task, "last_error = %s", _said(error))
            self._report(Done(task.name, total, time.monotonic() - began, _said(error)))
            return
        warned = " ".join(warnings) or None
        self._note(task, "last_ok = clock_timestamp(), last_result = %s, last_error = %s", total, warned)
        if total or warned:
            self._report(Done(task.name, total, time.monotonic() - began, warned))

    def _limited(self, task: _Task, warnings: list[str]) -> int:
        """The task's statement, stopped when its time is up."""
        if not task.limit_ms:
            return self._number(task.statement, warnings=warnings)
        self._set_timeout(task.limit_ms)
        try:
            return self._number(task.statement, warnings=warnings)
        finally:
            if not self._connection.closed:
                self._set_timeout(0)

    def _set_timeout(self, milliseconds: int) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", (str(milliseconds),))

    def _note(self, task: _Task, what: str, *values: object) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(f"UPDATE analytics.due_task SET {what} WHERE name = %s", (*values, task.name))

    def _number(self, query: str, *values: object, warnings: list[str] | None = None) -> int:
        """The number that a query gives; what it warns of is added to ``warnings``."""
        del self._connection.notices[:]
        with self._connection.cursor() as cursor:
            cursor.execute(query, values or None)
            found: tuple[Any, ...] | None = cursor.fetchone()
        if warnings is not None:
            warnings += [line.strip() for line in self._connection.notices if line.startswith("WARNING")]
        return int(found[0] or 0) if found else 0

    def _unless_lost(self, error: PgError) -> None:
        """An error of a statement is reported, and the work goes on; that of a lost connection is for who can open another."""
        if self._connection.closed or error.pgcode in _GONE:
            raise error


def _said(error: PgError) -> str:
    """The first line of what PostgreSQL said."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
