"""Carry out a migration in this process, and say what it came to: what ``rently-db migrate`` and ``rently-db rollback`` do."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from alembic import command
from alembic.util import CommandError
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from rently_db.migrate.accounting import Account, as_json, read_accounts, unexplained
from rently_db.migrate.errors import ResumableError
from rently_db.migrate.revision import down_actions, up_actions
from rently_db.migrate.run import Observer, StepAt
from rently_db.operations.alembic_config import alembic_config, scripts
from rently_db.operations.sessions import current_revision, reading
from rently_db.packaged import revisions

Direction = Literal["up", "down"]

STOPPED = "stopped; what was done stays, and the same command goes on from there"


@dataclass(frozen=True, slots=True)
class Journey:
    """The revisions between where a database is and where it shall be, in the order of the way, each with its number of steps."""

    direction: Direction
    start: str | None
    target: str
    revisions: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """Steps in all."""
        return sum(steps for _, steps in self.revisions)

    def position(self, step: StepAt) -> int | None:
        """How many steps of the journey lie before this one; None if it belongs to tidying up after an earlier run."""
        passed = 0
        for revision, steps in self.revisions:
            if revision == step.revision and step.direction == self.direction:
                return passed + step.number - 1
            passed += steps
        return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. ``error`` is None if it reached its target; ``worked`` is False if there was nothing to do.

    ``seconds`` is the time the command took, waiting and checks included; ``longest_lock_seconds`` the longest time a lock was held for
    which applications may have waited. ``accounts`` are those of v0's tables, where this run opened or closed them.
    """

    direction: Direction
    start: str | None
    end: str | None
    worked: bool
    seconds: float
    rows: int = 0
    retries: int = 0
    longest_lock_seconds: float = 0.0
    longest_lock_step: str = ""
    error: str | None = None
    accounts: tuple[Account, ...] = ()
    unexplained: tuple[str, ...] = field(default=())

    def json(self) -> dict[str, Any]:
        """The outcome for ``--json``; the commands' help lists the keys."""
        state = "failed" if self.error else "findings" if self.unexplained else "done" if self.worked else "nothing to do"
        return {
            "outcome": state,
            "direction": self.direction,
            "from": self.start,
            "to": self.end,
            "seconds": round(self.seconds, 3),
            "rows": self.rows,
            "retries": self.retries,
            "longest_lock": {"seconds": self.longest_lock_seconds, "step": self.longest_lock_step or None},
            "accounts": as_json(self.accounts),
            "unexplained": list(self.unexplained),
            "findings": [],
            "error": self.error,
        }


def plan_journey(url: URL, direction: Direction, target: str) -> Journey:
    """The way from where the database is to ``target`` (a revision, or ``head``).

    Raises:
        CommandError: the server can't be reached, there is no such revision, or it lies in the other direction.
    """
    script = scripts()
    known = list(revisions())
    target = known[-1] if target == "head" else target
    if target not in known:
        raise CommandError(f"{target!r} is no revision; there are {', '.join(known)}")
    with reading(url) as connection:
        current = current_revision(connection)
        begun = _begun(connection)
    if current is not None and current not in known:
        raise CommandError(
            f"the database is at revision {current}, which this release of rently_db does not know; install the release that made it"
        )
    at, to = known.index(current) if current else -1, known.index(target)
    if direction == "up":
        if to < at:
            raise CommandError(f"the database is at {current}, beyond {target}; to go back there: alembic downgrade {target}")
        names = known[at + 1 : to + 1]
        if current and (current, "down") in begun:
            names.insert(0, current)  # somebody began to take it down
    else:
        if to > at:
            raise CommandError(f"the database is {f'at {current}' if current else 'not under migration'}, there is no way back to {target}")
        names = known[at:to:-1]
        if at + 1 < len(known) and (known[at + 1], "up") in begun:
            names.insert(0, known[at + 1])  # somebody began to build it
    actions = up_actions if direction == "up" else down_actions
    counted = []
    for name in names:
        module: Any = script.get_revision(name).module
        counted.append((name, len(actions(module.steps()))))
    return Journey(direction, current, target, tuple(counted))


def _begun(connection: Connection) -> set[tuple[str, str]]:
    """Revisions and directions that have steps on record."""
    if connection.scalar(text("SELECT to_regclass('ops.migration_step') IS NULL")):
        return set()
    return {(revision, direction) for revision, direction in connection.execute(text("SELECT revision, direction FROM ops.migration_step"))}


def carry_out(url: URL, journey: Journey, *, arguments: Mapping[str, str] | None = None, observer: Observer | None = None) -> Outcome:
    """``alembic upgrade`` or ``downgrade`` to the journey's target.

    A run that stops half way is an outcome too (``error``), and so is KeyboardInterrupt, once Alembic has begun.

    Raises:
        FindingsError: the database holds what forbids the migration; nothing was changed.
        CommandError: a wrong argument, or a server or role that can't be used; nothing was changed.
    """
    config = alembic_config(url, arguments=arguments, observer=observer)
    begun, error = time.monotonic(), None
    with reading(url) as connection:
        before = _last_run(connection)
    try:
        (command.upgrade if journey.direction == "up" else command.downgrade)(config, journey.target)
    except ResumableError as problem:
        error = STOPPED if isinstance(problem.__cause__, KeyboardInterrupt) else str(problem)
    except KeyboardInterrupt:
        error = STOPPED
    seconds = time.monotonic() - begun
    try:
        with reading(url) as connection:
            return _outcome(connection, journey, before, seconds, error)
    except (CommandError, DBAPIError) as problem:
        # The server went away: what can be said is that, and the run's own error says it better.
        return Outcome(journey.direction, journey.start, None, True, seconds, error=error or str(problem))


_RUN = text(
    """
    SELECT r.id, r.from_revision, r.rows_touched, r.retries, r.longest_lock_seconds,
        (
            SELECT s.revision || ', ' || s.step FROM ops.migration_step AS s
            WHERE s.run_id = r.id AND s.longest_lock_seconds > 0 ORDER BY s.longest_lock_seconds DESC, s.started_at LIMIT 1
        ),
        r.started_at
    FROM ops.migration_run AS r WHERE r.client_host = :host AND r.client_pid = :pid ORDER BY r.id DESC LIMIT 1
    """
)


def _last_run(connection: Connection) -> Any:
    """The last run that this process recorded: its row, or None."""
    if connection.scalar(text("SELECT to_regclass('ops.migration_run') IS NULL")):
        return None
    return connection.execute(_RUN, {"host": socket.gethostname(), "pid": os.getpid()}).one_or_none()


def _outcome(connection: Connection, journey: Journey, before: Any, seconds: float, error: str | None) -> Outcome:
    end = current_revision(connection)
    run = _last_run(connection)
    if run is None or (before is not None and run.id == before.id):
        return Outcome(journey.direction, journey.start, end, False, seconds, error=error)
    # Accounts of an earlier way were reported then.
    accounts = tuple(a for a in read_accounts(connection) if not a.closed or (a.closed_at and a.closed_at >= run.started_at))
    return Outcome(
        journey.direction,
        run.from_revision,
        end,
        True,
        seconds,
        run.rows_touched,
        run.retries,
        float(run.longest_lock_seconds),
        run[5] or "",
        error,
        accounts,
        tuple(unexplained(accounts)),
    )
