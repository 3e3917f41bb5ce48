"""Run actions on a server: short waits for locks, pauses between tries, batches that can go on after a kill.

The connection is in autocommit; every transaction is opened and closed here. What is done is recorded in ``ops.migration_step`` within
the same transaction, so the record can't disagree with the database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from rently_db.migrate.actions import Action, Batch, Mode
from rently_db.migrate.budget import Budget, Tally
from rently_db.migrate.pace import KEYS, PAGES, Pace
from rently_db.migrate.run import MigrationRun, StepAt, holders
from rently_db.migrate.words import first_line, mend, said

log = logging.getLogger("rently_db.migrate")

LOWEST = UUID(int=0)
HIGHEST = UUID(int=2**128 - 1)
_SLICE = 2_000
"""How many entries of the journal one transaction of a loop takes back at first."""
_PAGES = 100
_PAGES_SINCE = 140_000
"""Before PostgreSQL 14 a range of pages is found by reading the whole table."""
_QUEUE_TIMEOUT = "10s"
_LOG_SECONDS = 3.0
PERIODIC = "periodic"
"""Log records with this attribute say how far the migration is; who shows its progress otherwise leaves them out."""


class StepError(Exception):
    """An action could not be done; the message says which, why, and what to do."""


class Runner:
    """Runs the actions of one revision in one direction on one psycopg2 connection in autocommit."""

    def __init__(
        self, connection: PgConnection, revision: str, direction: str, budget: Budget | None = None, run: MigrationRun | None = None
    ) -> None:
        self._connection = connection
        self._revision = revision
        self._direction = direction
        self._budget = budget or Budget()
        self._whole = run or MigrationRun()
        self._told = 0.0
        self.tally = Tally()

    def run(self, actions: list[Action]) -> Tally:
        """Do what is not done yet, in order.

        Raises:
            StepError: an action failed for another reason than a lock, or the tries ran out. What was done before stays; the same
                command goes on from there.
        """
        # What the other way did, and how far it got, holds no longer once something is undone.
        self._sql(
            "UPDATE ops.migration_step SET state = CASE state WHEN 'running' THEN state ELSE 'undone' END, position = NULL "
            "WHERE revision = %s AND direction = %s",
            (self._revision, self._opposite),
        )
        done = {
            row[0]
            for row in self._rows(
                "SELECT step FROM ops.migration_step WHERE revision = %s AND direction = %s AND state = 'done'",
                (self._revision, self._direction),
            )
        }
        for number, action in enumerate(actions, 1):
            if self._is_done(action, done):
                if action.title not in done:
                    self._catch_up(action)
                self.tally.skipped += 1
                continue
            at = StepAt(self._revision, self._direction, number, len(actions), action)
            self._whole.step = at
            try:
                self._begin_step(action)
                self._whole.observer.started(at)
                rows, begun = self.tally.rows, time.monotonic()
                self._run(action)
                self._whole.observer.finished(at, self.tally.rows - rows, time.monotonic() - begun)
            except errors.Error as error:
                raise StepError(
                    f"{self._revision} ({self._direction}), step {action.title!r}: {said(error)}. "
                    f"{mend(error)}; then run the same command again, it goes on from here"
                ) from error
            self.tally.done += 1
            self._tell(f"step {number} of {len(actions)}, {action.title}")
        # What was done the other way round is undone now. Not before: until then the revision is half there, and the next run must see it.
        self._sql("DELETE FROM ops.migration_step WHERE revision = %s AND direction = %s", (self._revision, self._opposite))
        self._whole.step = None
        return self.tally

    @property
    def _opposite(self) -> str:
        return "down" if self._direction == "up" else "up"

    def _is_done(self, action: Action, recorded: set[str]) -> bool:
        if action.once and action.title in recorded:
            return True
        return action.done is not None and self._ask(action.done)

    def _catch_up(self, action: Action) -> None:
        """Record what is there although the record does not say so: a run was killed in between, or the other way did not get that far."""
        self._sql(
            "UPDATE ops.migration_step SET state = 'done', waiting_for = NULL, finished_at = clock_timestamp() "
            "WHERE revision = %s AND direction = %s AND step = %s AND state <> 'done'",
            self._key(action),
        )

    def _tell(self, what: str) -> None:
        """A line in the log every few seconds."""
        if time.monotonic() - self._told > _LOG_SECONDS:
            log.info("%s: %s", self._revision, what, extra={PERIODIC: True})
            self._told = time.monotonic()

    def _run(self, action: Action) -> None:
        if action.batch is not None:
            self._run_batches(action, action.batch)
        elif action.mode is Mode.CONCURRENT:
            self._run_concurrently(action)
        elif action.mode is Mode.LOOP:
            self._run_loop(action)
        else:
            # The record belongs to the transaction: what is recorded is done, what is not is not.
            self.tally.rows += self._patiently(action, action.statements, finished=True)

    def _run_concurrently(self, action: Action) -> None:
        begun = time.monotonic()
        # It can't be recorded in its own transaction; the catalogue tells whether it is done.
        if action.leftover is not None and self._ask(action.leftover):
            log.info("%s: %s: an unusable leftover is dropped first", self._revision, action.title)
            self._concurrently(action.repair)
        try:
            self._concurrently(action.statements)
        except errors.UniqueViolation:
            # What is left of a unique index that could not be built would go on refusing rows.
            self._concurrently(action.repair)
            raise
        self._record(action, 0, finished=True, seconds=time.monotonic() - begun)

    def _concurrently(self, statements: tuple[str, ...]) -> None:
        # A concurrent build waits for snapshots, not in anybody's way: a short lock_timeout would only leave INVALID indexes.
        self._execute("SET lock_timeout = 0")
        for statement in statements:
            self._execute(statement)

    def _run_loop(self, action: Action) -> None:
        pace = self._pace("", _SLICE)
        while True:
            begun = time.monotonic()
            statements = tuple(statement.replace(":slice", str(pace.size)) for statement in action.statements)
            rows = self._patiently(action, statements)
            if not rows:
                break
            self.tally.rows += rows
            pace.took(time.monotonic() - begun)
            self._tell(f"{action.title}, {self.tally.rows:,} rows")
            pace.wait(self.waiting)
        self._record(action, 0, finished=True)

    def _patiently(self, action: Action, statements: tuple[str, ...], *, finished: bool = False, position: UUID | None = None) -> int:
        """One transaction, tried again with growing pauses while somebody else holds a lock it needs. Gives the rows it changed."""
        pause = 0.1
        for attempt in range(1, self._budget.tries + 1):
            try:
                rows = self._transaction(action, statements, finished=finished, position=position)
            except (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure, errors.InternalError_) as error:
                # GRANT takes no lock: it meets whoever refreshes the same view in the catalogue, and may be told so only this way.
                if isinstance(error, errors.InternalError_) and "tuple concurrently" not in str(error):
                    raise
                if attempt == self._budget.tries:
                    raise
                self._retry(action, error, pause)
                pause = min(pause * 1.6, self._budget.longest_pause)
                continue
            if attempt > 1:
                self.waiting(None)
            self._whole.rows += rows
            return rows
        raise AssertionError("unreachable: the last try either returned or raised")

    def _held(self, action: Action, seconds: float) -> None:
        self.tally.longest_lock_seconds = max(self.tally.longest_lock_seconds, seconds)
        if any(lock.blocks_writers for lock in action.locks):
            self._whole.held(seconds, f"{self._revision}, {action.title}")

    def _retry(self, action: Action, error: errors.Error, pause: float) -> None:
        self.tally.retries += 1
        self._whole.retries += 1
        who = holders(self._connection, action)
        log.info("%s: %s: %s; next try in %.1f s", self._revision, action.title, first_line(error), pause)
        self._sql(
            "UPDATE ops.migration_step SET retries = retries + 1 WHERE revision = %s AND direction = %s AND step = %s", self._key(action)
        )
        if who:
            self.waiting(who)
        time.sleep(pause)

    def waiting(self, reason: str | None) -> None:
        """Say who keeps the present step waiting, or that it goes on."""
        self._whole.waiting(self._connection, reason)

    def _transaction(self, action: Action, statements: tuple[str, ...], *, finished: bool, position: UUID | None) -> int:
        rows, begun = 0, time.monotonic()
        with self._begin(self._settings(action)):
            self._queue(action)
            strong = time.monotonic()
            for statement in statements:
                rows += max(self._execute(statement), 0)
            now = time.monotonic()
            self._record(action, rows, finished=finished, position=position, seconds=now - begun, held=now - strong)
        if action.mode is Mode.DDL:
            self._held(action, time.monotonic() - strong)
        return rows

    def _queue(self, action: Action) -> None:
        """Before a lock that others notice: wait, in nobody's way, for vacuum and others of our kind to leave the tables.

        An autovacuum leaves when somebody has waited for it for ``deadlock_timeout`` (1 s): longer than we may wait with a strong lock.
        """
        # A comment waits for vacuum too.
        wanted = [lock.relation for lock in action.locks if lock.blocks_writers or lock.mode == "SHARE UPDATE EXCLUSIVE"]
        if not wanted or action.mode is not Mode.DDL:
            return
        found = self._rows("SELECT r FROM unnest(%s::text[]) AS r WHERE to_regclass('public.' || quote_ident(r)) IS NOT NULL", (wanted,))
        if found:
            tables = ", ".join(f"public.{name}" for (name,) in found)
            self._execute(
                f"SET LOCAL lock_timeout = '{_QUEUE_TIMEOUT}'; LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE; "
                f"SET LOCAL lock_timeout = '{self._budget.lock_timeout(action.lock_shares)}'"
            )

    def _settings(self, action: Action) -> list[tuple[str, str]]:
        """What the action's transactions set for themselves."""
        timeout = "0" if action.mode is Mode.VALIDATE else self._budget.lock_timeout(action.lock_shares)
        settings = [("lock_timeout", timeout)]
        if action.mode in (Mode.DATA, Mode.LOOP, Mode.BATCH):
            settings.append(("rently.origin", "migration"))
        if action.silent_bridges:
            settings.append(("rently.bridge", "off"))
        if action.derives:
            settings.append(("rently.tally", "off"))
        return settings + [(name, "off") for name in action.planner]

    def _run_batches(self, action: Action, batch: Batch) -> None:
        low, done = self._position(action)
        expected = self._expected(action, batch)
        pages = self._pages(batch)
        if pages is not None and pages < low.int < HIGHEST.int:
            # Stored by an older server, which went by keys (or the table has shrunk): what is filled already is passed over.
            low = LOWEST
        pace = self._pace(batch.table, batch.size) if pages is None else self._pace(batch.table, _PAGES, PAGES)
        while low < HIGHEST:
            begun = time.monotonic()
            if pages is None:
                high = self._high(action, batch, low, pace.size)
                statement = batch.over(f"'{low}'", f"'{high}'", first=low == LOWEST)
            else:
                # Rows that are written meanwhile come after the last page, or into room before: they are looked for afterwards.
                page = min(low.int + pace.size, pages)
                statement = batch.over_pages(low.int, page)
                high = UUID(int=page) if page < pages else HIGHEST
            rows = self._patiently(action, (statement,), position=high)
            self.tally.rows += rows
            done += rows
            pace.took(time.monotonic() - begun)
            if self._whole.step:
                self._whole.observer.progress(self._whole.step, done, expected)
            self._tell(f"{action.title}, {done:,} rows of about {expected:,}" if expected else action.title)
            pace.wait(self.waiting)
            low = high
        self._record(action, 0, finished=True, position=HIGHEST)

    def _pages(self, batch: Batch) -> int | None:
        """How many pages the table has, if the batches go by them."""
        if not batch.in_pages or self._connection.server_version < _PAGES_SINCE:
            return None
        found = self._row("SELECT pg_relation_size(to_regclass(%s)) / current_setting('block_size')::bigint", (f"public.{batch.table}",))
        assert found is not None
        return int(found[0])

    def _pace(self, table: str, size: int, bounds: tuple[int, int] = KEYS) -> Pace:
        watcher = self._whole.watcher
        return Pace(self._connection, table, size, watcher.was_in_the_way if watcher else bool, bounds)

    def _expected(self, action: Action, batch: Batch) -> int | None:
        """How many rows there are to treat: exactly for a worklist, else what PostgreSQL believes of the table."""
        if batch.worklist:
            found = self._row(f"SELECT count(*) FROM ({batch.keys(action.title)}) AS k", None)
        else:
            found = self._row("SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = to_regclass(%s)", (f"public.{batch.table}",))
        expected = int(found[0]) if found and found[0] is not None and found[0] >= 0 else None
        self._sql(
            "UPDATE ops.migration_step SET rows_expected = %s WHERE revision = %s AND direction = %s AND step = %s",
            (expected, *self._key(action)),
        )
        return expected

    def _position(self, action: Action) -> tuple[UUID, int]:
        """The last id that was treated, or (as a number) the page to go on with, and how many rows were treated."""
        found = self._row(
            "SELECT position::text, rows_touched FROM ops.migration_step WHERE revision = %s AND direction = %s AND step = %s",
            self._key(action),
        )
        return (UUID(found[0]), int(found[1])) if found and found[0] else (LOWEST, 0)

    def _high(self, action: Action, batch: Batch, low: UUID, size: int) -> UUID:
        query = f"{batch.keys(action.title)} AND {batch.key} > %s::uuid ORDER BY id OFFSET %s LIMIT 1"
        found = self._row(query, (str(low), size - 1))
        return UUID(str(found[0])) if found else HIGHEST

    # The record

    def _key(self, action: Action) -> tuple[str, str, str]:
        return self._revision, self._direction, action.title

    def _begin_step(self, action: Action) -> None:
        # A loop is run again when a stopped run goes on, and finds nothing: what it counted before stays.
        self._sql(
            """
            INSERT INTO ops.migration_step AS s (revision, direction, step, mode, state, tries, run_id)
            VALUES (%s, %s, %s, %s, 'running', 1, %s)
            ON CONFLICT (revision, direction, step) DO UPDATE SET
                state = 'running', tries = s.tries + 1, run_id = excluded.run_id, finished_at = NULL, waiting_for = NULL,
                started_at = CASE s.state WHEN 'undone' THEN clock_timestamp() ELSE s.started_at END,
                rows_touched = CASE s.state WHEN 'undone' THEN 0 ELSE s.rows_touched END,
                seconds = CASE s.state WHEN 'undone' THEN 0 ELSE s.seconds END
            """,
            (*self._key(action), action.mode.value, self._whole.id),
        )

    def _record(
        self, action: Action, rows: int, *, finished: bool, position: UUID | None = None, seconds: float = 0, held: float = 0
    ) -> None:
        locked = held if action.mode is Mode.DDL and any(lock.blocks_writers for lock in action.locks) else 0
        self._sql(
            "UPDATE ops.migration_step SET rows_touched = rows_touched + %s, position = coalesce(%s::uuid, position), "
            "seconds = seconds + %s, longest_lock_seconds = greatest(longest_lock_seconds, %s)"
            + (", state = 'done', waiting_for = NULL, finished_at = clock_timestamp()" if finished else "")
            + " WHERE revision = %s AND direction = %s AND step = %s",
            (rows, str(position) if position else None, round(seconds, 3), round(locked, 3), *self._key(action)),
        )

    # SQL

    @contextmanager
    def _begin(self, settings: list[tuple[str, str]]) -> Iterator[None]:
        self._execute("; ".join(["BEGIN", *(f"SET LOCAL {name} = '{value}'" for name, value in settings)]))
        try:
            yield
        except BaseException:
            with suppress(psycopg2.Error):  # on a connection that was lost; what broke it is what counts
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

    def _rows(self, query: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(query, parameters)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _execute(self, statement: str) -> int:
        return self._sql(statement, None)

    def _sql(self, statement: str, parameters: tuple[Any, ...] | None) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return int(cursor.rowcount)
