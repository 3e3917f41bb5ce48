"""Run actions on a server: short waits for locks, pauses between tries, batches that can go on after a kill.

The connection is in autocommit; every transaction is opened and closed here. What is done is recorded in ``ops.migration_step`` within
the same transaction, so the record can't disagree with the database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg2 import errors
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from rently_db.migrate.actions import Action, Batch, Mode

log = logging.getLogger("rently_db.migrate")

LOWEST = UUID(int=0)
HIGHEST = UUID(int=2**128 - 1)
_TARGET_SECONDS = 0.25
"""A batch should take about this long: short enough that nobody notices it, long enough to get on."""


class StepError(Exception):
    """An action could not be done; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long the migration may stand in the way.

    ``lock_seconds`` is what an application may notice; the migration itself waits for a lock at most half of it, because whoever queues
    behind a waiting DDL statement waits as well. ``tries`` bounds how often it comes back before it gives up.
    """

    lock_seconds: float = 1.0
    tries: int = 60
    longest_pause: float = 10.0

    @property
    def lock_timeout(self) -> str:
        """Half the budget, as PostgreSQL writes a duration."""
        return f"{max(int(self.lock_seconds * 500), 1)}ms"


@dataclass(slots=True)
class Tally:
    """What a run did."""

    done: int = 0
    skipped: int = 0
    rows: int = 0
    retries: int = 0
    longest_lock_seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Time since the start, in seconds."""
        return time.monotonic() - self.started


class Runner:
    """Runs the actions of one revision in one direction on one psycopg2 connection in autocommit."""

    def __init__(self, connection: PgConnection, revision: str, direction: str, budget: Budget | None = None) -> None:
        self._connection = connection
        self._revision = revision
        self._direction = direction
        self._budget = budget or Budget()
        self.tally = Tally()

    def run(self, actions: list[Action]) -> Tally:
        """Do what is not done yet, in order.

        Raises:
            StepError: an action failed for another reason than a lock, or the tries ran out. What was done before stays; the same
                command goes on from there.
        """
        # How far the other way got holds no longer, once something is undone.
        self._cursor_execute(
            "UPDATE ops.migration_step SET position = NULL WHERE revision = %s AND direction = %s", (self._revision, self._opposite)
        )
        shown = time.monotonic()
        for number, action in enumerate(actions, 1):
            if action.done is not None and self._ask(action.done):
                self.tally.skipped += 1
                continue
            try:
                self._run(action)
            except errors.Error as error:
                raise StepError(
                    f"{self._revision} ({self._direction}), step {action.title!r}: {_said(error)}. "
                    "Nothing of this step stayed; mend the cause and run the same command again, it goes on from here"
                ) from error
            self.tally.done += 1
            if time.monotonic() - shown > 2:
                log.info("%s: step %d of %d, %s", self._revision, number, len(actions), action.title)
                shown = time.monotonic()
        # What was done the other way round is undone now. Not before: until then the revision is half there, and the next run must see it.
        self._cursor_execute("DELETE FROM ops.migration_step WHERE revision = %s AND direction = %s", (self._revision, self._opposite))
        return self.tally

    @property
    def _opposite(self) -> str:
        return "down" if self._direction == "up" else "up"

    def _run(self, action: Action) -> None:
        if action.batch is not None:
            self._run_batches(action, action.batch)
            return
        if action.mode is Mode.CONCURRENT:
            if action.leftover is not None and self._ask(action.leftover):
                log.info("%s: %s: an unusable leftover is dropped first", self._revision, action.title)
                self._concurrently(action.repair)
            # It can't be recorded in its own transaction. Before and after: a build that was killed in between must not go unseen.
            self._record(action, 0)
            try:
                self._concurrently(action.statements)
            except errors.UniqueViolation:
                # What is left of a unique index that could not be built would go on refusing rows.
                self._concurrently(action.repair)
                raise
            self._record(action, 0)
            return
        rows = self._patiently(action, action.statements, action.title)
        self.tally.rows += rows
        while action.mode is Mode.LOOP and rows:
            rows = self._patiently(action, action.statements, action.title)
            self.tally.rows += rows

    def _concurrently(self, statements: tuple[str, ...]) -> None:
        # A concurrent build waits for snapshots, not in anybody's way: a short lock_timeout would only leave INVALID indexes.
        self._execute("SET lock_timeout = 0")
        for statement in statements:
            self._execute(statement)

    def _patiently(self, action: Action, statements: tuple[str, ...], what: str) -> int:
        """One transaction, tried again with growing pauses while somebody else holds a lock it needs. Gives the rows it changed."""
        pause = 0.1
        for attempt in range(1, self._budget.tries + 1):
            begun = time.monotonic()
            try:
                rows = self._transaction(action, statements)
            except (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure) as error:
                if attempt == self._budget.tries:
                    raise
                self.tally.retries += 1
                log.info("%s: %s waits: %s; next try in %.1f s", self._revision, what, _first_line(error), pause)
                time.sleep(pause)
                pause = min(pause * 1.6, self._budget.longest_pause)
                continue
            if action.mode is Mode.DDL:
                self.tally.longest_lock_seconds = max(self.tally.longest_lock_seconds, time.monotonic() - begun)
            return rows
        raise AssertionError("unreachable: the last try either returned or raised")

    def _transaction(self, action: Action, statements: tuple[str, ...]) -> int:
        rows = 0
        with self._begin():
            self._execute(f"SET LOCAL lock_timeout = '{self._budget.lock_timeout if action.mode is not Mode.VALIDATE else 0}'")
            if action.mode in (Mode.DATA, Mode.LOOP, Mode.BATCH):
                self._execute("SET LOCAL rently.origin = 'migration'")
            if action.silent_bridges:
                self._execute("SET LOCAL rently.bridge = 'off'")
            for statement in statements:
                rows += max(self._execute(statement), 0)
            self._record(action, rows)
        return rows

    def _run_batches(self, action: Action, batch: Batch) -> None:
        low = self._position(action)
        size = batch.size
        while low < HIGHEST:
            begun = time.monotonic()
            high = self._high(batch.table, low, size)
            statement = batch.over(f"'{low}'", f"'{high}'", first=low == LOWEST)
            position = (
                f"UPDATE ops.migration_step SET position = '{high}' WHERE revision = '{self._revision}' "
                f"AND direction = '{self._direction}' AND step = $step${action.title}$step$"
            )
            self.tally.rows += self._patiently(action, (statement,), action.title)
            self._execute(position)
            took = time.monotonic() - begun
            size = max(200, min(50_000, int(size * min(2.0, max(0.5, _TARGET_SECONDS / max(took, 0.001))))))
            low = high

    def _position(self, action: Action) -> UUID:
        found = self._row(
            "SELECT position::text FROM ops.migration_step WHERE revision = %s AND direction = %s AND step = %s",
            (self._revision, self._direction, action.title),
        )
        return UUID(found[0]) if found and found[0] else LOWEST

    def _high(self, table: str, low: UUID, size: int) -> UUID:
        found = self._row(f"SELECT id::text FROM public.{table} WHERE id > %s::uuid ORDER BY id OFFSET %s LIMIT 1", (str(low), size - 1))
        return UUID(found[0]) if found else HIGHEST

    def _record(self, action: Action, rows: int) -> None:
        self._cursor_execute(
            """
            INSERT INTO ops.migration_step AS s (revision, direction, step, mode, rows_touched, tries)
            VALUES (%s, %s, %s, %s, %s, 1)
            ON CONFLICT (revision, direction, step) DO UPDATE
            SET rows_touched = s.rows_touched + excluded.rows_touched, tries = s.tries + 1, finished_at = clock_timestamp()
            """,
            (self._revision, self._direction, action.title, action.mode.value, rows),
        )

    @contextmanager
    def _begin(self) -> Iterator[None]:
        self._execute("BEGIN")
        try:
            yield
        except BaseException:
            if not self._connection.closed:
                self._execute("ROLLBACK")
            raise
        self._execute("COMMIT")

    def _ask(self, query: str) -> bool:
        found = self._row(query, None)
        return bool(found and found[0])

    def _row(self, query: str, parameters: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        with self._connection.cursor() as cursor:
            cursor.execute(query, parameters)
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found

    def _execute(self, statement: str) -> int:
        return self._cursor_execute(statement, None)

    def _cursor_execute(self, statement: str, parameters: tuple[Any, ...] | None) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return int(cursor.rowcount)


def _said(error: errors.Error) -> str:
    """What PostgreSQL said, with the key or row that it names."""
    detail = error.diag.message_detail
    return _first_line(error) + (f" ({detail.rstrip('.')})" if detail else "")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
