"""How the migration of a database stands, seen from elsewhere: where it is, who works on it, how far, who is in the way.

Reads only, in one snapshot; takes no lock but ACCESS SHARE on the records in schema ops and on system tables.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, text

from rently_db.migrate.adoption import State, look
from rently_db.migrate.revision import down_actions, up_actions
from rently_db.migrate.run import holders
from rently_db.migrate.turn import LOCK_KEY
from rently_db.operations.alembic_config import scripts
from rently_db.operations.sessions import current_revision, reading
from rently_db.packaged import revisions

RUNS = 10
"""How many of the last runs are listed."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The session that holds the deployment lock."""

    pid: int
    application: str
    user: str
    client: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One ``upgrade`` or ``downgrade`` of the record. ``state`` is ``running``, ``done``, ``failed``, or ``killed``: it left no word.

    ``longest_lock_seconds``, ``rows`` and ``retries`` are known when it has ended. ``seconds`` is None if nobody knows when that was.
    """

    id: int
    direction: str
    start: str | None
    target: str | None
    state: str
    error: str | None
    rows: int
    retries: int
    longest_lock_seconds: float
    client_host: str | None
    client_pid: int | None
    backend_pid: int
    user: str
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class StepNow:
    """The step that a run is at. ``rows_expected`` is an estimate; ``rows_per_second`` an average since the step began.

    Rate and end are None for a step without batches, and for one that an earlier run began: nobody knows how much of it was that run's.
    """

    revision: str
    direction: str
    step: str
    mode: str
    number: int | None
    total: int | None
    started_at: datetime
    position: str | None
    rows: int
    rows_expected: int | None
    rows_per_second: float | None
    estimated_end: datetime | None
    retries: int
    waiting_for: str | None


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a table that the migration's session holds, or waits for."""

    relation: str
    mode: str
    granted: bool


@dataclass(frozen=True, slots=True)
class RevisionState:
    """What is done of a revision. ``state``: ``applied``, ``not applied``, ``half way up`` or ``half way down``.

    The figures are those of the last time anything of it was done, in that direction.
    """

    revision: str
    state: str
    steps_done: int
    steps: int
    rows: int
    seconds: float
    longest_lock_seconds: float
    retries: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the migration stands. ``sentence`` says it in one line; ``unfinished`` is the command that goes on, if somebody must."""

    looked_at: datetime
    database: str
    server_version: int
    revision: str | None
    sentence: str
    deployment: Deployment | None
    step: StepNow | None
    locks: tuple[Lock, ...]
    blocked_sessions: int
    revisions: tuple[RevisionState, ...]
    runs: tuple[Run, ...]
    unfinished: str | None

    def json(self) -> dict[str, Any]:
        """The status for ``--json``: the fields of these classes, moments as ISO 8601."""
        found: dict[str, Any] = _plain(asdict(self))
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def read_status(url: URL) -> Status:
    """Look at a database.

    Raises:
        CommandError: the server can't be reached, or what is recorded there is not what rently_db writes.
    """
    with reading(url) as connection:
        return _Look(connection).status()


_HEAD = text("SELECT clock_timestamp(), current_database(), current_setting('server_version_num')::integer")
# A key of bigint is two halves in pg_locks.
_HOLDER = text(
    """
    SELECT a.pid, coalesce(nullif(a.application_name, ''), 'unknown application'), coalesce(a.usename, '?'),
        coalesce(nullif(a.client_hostname, ''), host(a.client_addr), 'this machine'), a.backend_start
    FROM pg_locks AS l INNER JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        AND l.classid::bigint = (:key >> 32) AND l.objid::bigint = (:key & 4294967295)
    """
)
_RUNS = text(
    """
    SELECT id, direction, from_revision AS start, to_revision AS target, state, error, rows_touched AS rows, retries,
        longest_lock_seconds::float8, client_host, client_pid, backend_pid, recorded_by AS "user", started_at, finished_at,
        extract(epoch FROM finished_at - started_at)::float8 AS seconds
    FROM ops.migration_run ORDER BY id DESC LIMIT :limit
    """
)
_STEP = text(
    """
    SELECT revision, direction, step, mode, started_at, position::text, rows_touched, rows_expected, retries, waiting_for
    FROM ops.migration_step WHERE state = 'running' AND run_id = :run ORDER BY started_at DESC LIMIT 1
    """
)
_DONE = text(
    """
    SELECT revision, direction, count(*) FILTER (WHERE state = 'done'),
        coalesce(sum(rows_touched) FILTER (WHERE state <> 'undone'), 0)::bigint,
        coalesce(sum(seconds) FILTER (WHERE state <> 'undone'), 0)::float8,
        coalesce(max(longest_lock_seconds) FILTER (WHERE state <> 'undone'), 0)::float8,
        coalesce(sum(retries) FILTER (WHERE state <> 'undone'), 0)::integer
    FROM ops.migration_step GROUP BY revision, direction
    """
)
_LOCKS = text(
    """
    SELECT DISTINCT n.nspname || '.' || c.relname, l.mode, l.granted
    FROM pg_locks AS l INNER JOIN pg_class AS c ON c.oid = l.relation INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE l.pid = :pid AND l.locktype = 'relation' AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'p')
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY 3, 1, 2
    """
)
_BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity AS a WHERE a.wait_event_type = 'Lock' AND a.pid <> :pid AND :pid = ANY (pg_blocking_pids(a.pid))"
)


class _Look:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._script = scripts()
        self._chain = revisions()
        self._begun: dict[tuple[str, str], Any] = {}

    def status(self) -> Status:
        now, database, version = self._connection.execute(_HEAD).one()
        revision = current_revision(self._connection)
        holder = self._connection.execute(_HOLDER, {"key": LOCK_KEY}).first()
        deployment = Deployment(*holder) if holder else None
        runs = self._runs(deployment)
        if self._has("ops.migration_step"):
            self._begun = {(row[0], row[1]): row[2:] for row in self._connection.execute(_DONE)}
        alive = runs[0] if runs and runs[0].state == "running" else None
        unfinished = self._unfinished(revision, deployment, runs)
        locks = self._connection.execute(_LOCKS, {"pid": alive.backend_pid}) if alive else ()
        return Status(
            now,
            database,
            version,
            revision,
            self._sentence(revision, deployment, alive, unfinished),
            deployment,
            self._step(now, alive),
            tuple(Lock(*row) for row in locks),
            int(self._connection.scalar(_BLOCKED, {"pid": alive.backend_pid}) or 0) if alive else 0,
            tuple(self._revision(name, revision) for name in self._chain),
            tuple(runs),
            unfinished,
        )

    def _has(self, table: str) -> bool:
        return bool(self._connection.scalar(text("SELECT to_regclass(:table) IS NOT NULL"), {"table": table}))

    def _runs(self, deployment: Deployment | None) -> list[Run]:
        if not self._has("ops.migration_run"):
            return []
        runs: list[Run] = []
        for row in self._connection.execute(_RUNS, {"limit": RUNS}).mappings():
            # A run that is alive began after its process took the lock; one from before is a killed one that nobody has tidied up yet.
            lives = deployment is not None and not runs and row["started_at"] >= deployment.since
            killed = (row["state"] == "running" and not lives) or (row["error"] or "").startswith("killed")
            runs.append(Run(**{**row, "state": "killed" if killed else row["state"]}))
        return runs

    def _unfinished(self, revision: str | None, deployment: Deployment | None, runs: list[Run]) -> str | None:
        """The command that goes on, if the last run did not reach its target and nobody works on it."""
        if deployment is not None or not runs or runs[0].state == "done":
            return None
        last = runs[0]
        if last.target == revision and not self._half(revision, "up") and not self._half(revision, "down"):
            return None  # killed between its last step and its last word
        if last.direction == "up":
            until = "" if last.target in (None, self._chain[-1]) else f" --until {last.target}"
            return f"rently-db migrate{until}"
        return "rently-db rollback" if last.target == "v0" else f"alembic downgrade {last.target or 'base'}"

    def _half(self, revision: str | None, direction: str) -> bool:
        """Whether a revision is half way: the present one down, or the one above it up."""
        at = self._chain.index(revision) if revision in self._chain else -1
        names = self._chain[at + 1 : at + 2] if direction == "up" else self._chain[at : at + 1] if at >= 0 else []
        return any((name, direction) in self._begun for name in names)

    def _revision(self, name: str, current: str | None) -> RevisionState:
        at = self._chain.index(current) if current in self._chain else -1
        applied = self._chain.index(name) <= at
        begun = self._begun.get((name, "down" if applied else "up"))
        found = begun or self._begun.get((name, "up" if applied else "down"))
        module: Any = self._script.get_revision(name).module
        going_up = applied != bool(begun) if found else True
        total = len((up_actions if going_up else down_actions)(module.steps()))
        done, rows, seconds, lock, retries = found or (0, 0, 0.0, 0.0, 0)
        if begun:
            return RevisionState(name, f"half way {'down' if applied else 'up'}", done, total, rows, round(seconds, 3), lock, retries)
        # A step that had nothing to do is not on record.
        whole = total if found or applied else 0
        return RevisionState(name, "applied" if applied else "not applied", whole, total, rows, round(seconds, 3), lock, retries)

    def _step(self, now: datetime, run: Run | None) -> StepNow | None:
        found = self._connection.execute(_STEP, {"run": run.id}).first() if run else None
        if found is None or run is None:
            return None
        module: Any = self._script.get_revision(found.revision).module
        actions = (up_actions if found.direction == "up" else down_actions)(module.steps())
        number = next((place for place, action in enumerate(actions, 1) if action.title == found.step), None)
        waiting_for = found.waiting_for
        if waiting_for is None and found.retries and number is not None:
            # Between two tries it waits for nobody, and yet somebody is in its way.
            raw: Any = self._connection.connection.driver_connection
            waiting_for = holders(raw, actions[number - 1])
        rate, end = None, None
        if found.mode == "batch" and found.rows_touched and found.started_at >= run.started_at:
            rate = found.rows_touched / max((now - found.started_at).total_seconds(), 0.001)
            if found.rows_expected:
                end = found.started_at + (now - found.started_at) * max(found.rows_expected / found.rows_touched, 1)
        return StepNow(
            found.revision,
            found.direction,
            found.step,
            found.mode,
            number,
            len(actions),
            found.started_at,
            found.position,
            found.rows_touched,
            found.rows_expected,
            rate,
            end,
            found.retries,
            waiting_for,
        )

    def _sentence(self, revision: str | None, deployment: Deployment | None, alive: Run | None, unfinished: str | None) -> str:
        where = f"at {revision}" if revision else self._unversioned()
        if alive is not None:
            return f"{where}; a run {alive.direction} to {alive.target or 'nothing'} is at work"
        if deployment is not None:
            return f"{where}; a deployment has the lock and looks at the database, or waits at its beginning"
        if unfinished is not None:
            return f"{where}; a run stopped on its way and nobody works on it; to go on: {unfinished}"
        if revision is None:
            return where
        if revision not in self._chain:
            return f"{where}, which this release does not know; nothing is under way"
        return f"{where}; nothing is under way" + ("" if revision == self._chain[-1] else "; rently-db migrate goes to v1")

    def _unversioned(self) -> str:
        """What a database is that no revision is recorded for."""
        found = look(self._connection)
        return {
            State.EMPTY: "not under migration; schema public has no tables",
            State.V0: "not under migration; v0, rently-db migrate adopts it",
            State.CONFLICT: f"not under migration; nearly v0, {len(found.conflicts)} differences: rently-db preflight lists them",
            State.FOREIGN: "not under migration; none of Rently's tables is here: perhaps the wrong database",
            State.UNRECORDED: "not under migration; tables of v1 without its records in schema ops",
        }[found.state]
