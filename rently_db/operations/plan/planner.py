"""Make the plan of a migration: what each step will lock, read, write and need, without doing any of it."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alembic.util import CommandError
from sqlalchemy import URL, Connection

from rently_db.database import masked, server_version
from rently_db.migrate.actions import Action, Mode
from rently_db.migrate.revision import lock_budget
from rently_db.migrate.steps import Backfill, Exclusion, Index, Step, Unique
from rently_db.migrate.steps.accounting import Accounting
from rently_db.operations.alembic_config import scripts
from rently_db.operations.migrating import Journey
from rently_db.operations.plan import costs
from rently_db.operations.plan.kinds import kind_of, paired, table_of
from rently_db.operations.plan.model import Cost, MigrationPlan, RevisionPlan, Rows, Source, Span, StepPlan, StepState
from rently_db.operations.plan.record import Record, Rehearsal, compared, read_record
from rently_db.operations.plan.route import find_journey
from rently_db.operations.plan.rows import Counter, Found
from rently_db.operations.plan.server import InTheWay, Size, ask, in_the_way, looking, sizes, slowness
from rently_db.packaged import revisions

_MEASURED = (0.6, 2.0)
"""How far what was measured at the moment of the plan may be from the truth, below and above."""
_EMPTY = Size(0, 0, 0, 1, 0, {})


def make_plan(url: URL, target: str = "head", *, rehearsed: URL | None = None) -> MigrationPlan:
    """The plan of ``alembic upgrade`` or ``downgrade`` to ``target``; the direction follows from where the database is.

    Durations come from the record of an earlier run on this database where there is one, or from that of ``rehearsed``, a copy on which
    the same migration was carried out; else from a short measurement.

    Raises:
        CommandError: there is no such revision, or the database can't be reached, or is none of Rently's.
    """
    with looking(url) as connection:
        journey = find_journey(connection, url, target)
        rehearsal = None
        if rehearsed is not None:
            with looking(rehearsed) as other:
                rehearsal = Rehearsal(read_record(other), sizes(other))
            if not rehearsal.record:
                raise CommandError(f"{masked(rehearsed)} holds no record of a migration; rehearse it there first: rently-db migrate URL")
        return _Planner(connection, journey, rehearsal).plan(str(url.database))


@dataclass(slots=True)
class _Planner:
    connection: Connection
    journey: Journey
    rehearsal: Rehearsal | None
    sizes: dict[str, Size] = field(default_factory=dict)
    record: dict[tuple[str, str, str], Record] = field(default_factory=dict)
    new_indexes: Tally[str] = field(default_factory=Tally)
    _slower: float = 1.0
    _version: int = 0
    _full_pages: bool = True
    _commits: Span = field(default_factory=Span)
    _way: InTheWay = field(default_factory=lambda: InTheWay((), ()))
    _rows: Counter | None = None
    _touched: set[str] = field(default_factory=set)

    def plan(self, database: str) -> MigrationPlan:
        self._version = server_version(self.connection)
        self._full_pages = ask(self.connection, "SHOW full_page_writes") == "on"
        durable = all(ask(self.connection, f"SHOW {setting}") != "off" for setting in ("fsync", "synchronous_commit"))
        self._commits = costs.commit_seconds(durable=durable)
        self.sizes = sizes(self.connection)
        self.record = read_record(self.connection)
        self._rows = Counter(self.connection, self.sizes)
        script, direction = scripts(), self.journey.direction
        basis = self._calibrate(script)
        self._way = in_the_way(self.connection)
        revisions = []
        for name, _ in self.journey.revisions:
            module: Any = script.get_revision(name).module
            begun = any(key[:2] == (name, direction) for key in self.record)
            revisions.append(RevisionPlan(name, direction, tuple(self._steps(name, module.steps(), begun=begun))))
        return MigrationPlan(
            database,
            self._version,
            self.journey.start,
            self.journey.target,
            direction,
            lock_budget().lock_seconds,
            basis,
            tuple(self._notes()),
            tuple(revisions),
        )

    def _calibrate(self, script: Any) -> str:
        """How quick this server is: by what it has done before, or by a probe."""
        self._slower = slowness(self.connection)
        if self.rehearsal is not None:
            return "the record of the rehearsed copy, step by step; steps it does not hold: a measurement on this server"
        ratio, steps = compared(self._predicted(script))
        if steps:
            self._slower *= ratio
            return f"{steps} steps that this server did in an earlier run, and their like"
        return "a measurement on this server; nothing was rehearsed here (--rehearsed URL reads the record of a rehearsed copy)"

    def _predicted(self, script: Any) -> list[tuple[float, float]]:
        """Of the steps of an earlier run that read a table: the seconds that the rules of thumb give, and those that were measured."""
        found = []
        for name in revisions():
            module: Any = script.get_revision(name).module
            for way in ("up", "down"):
                for action, step in paired(module.steps(), way):
                    past = self.record.get((name, way, action.title))
                    if past is None or not past.complete or action.mode not in (Mode.CONCURRENT, Mode.VALIDATE) or not action.reads:
                        continue
                    guess = self._cost(action, step, self.sizes.get(action.reads, _EMPTY), None).seconds
                    found.append(((guess.low * guess.high) ** 0.5, past.seconds))
        return found

    def _notes(self) -> list[str]:
        notes = []
        if self.journey.revisions and any(size.rows > 1000 and not _analysed(size) for size in self.sizes.values()):
            notes.append("some tables were never analysed, so widths are guessed; run ANALYZE for a better plan")
        if not ask(self.connection, "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"):
            notes.append("this role does not see what other roles do; GRANT pg_read_all_stats TO it for who is in the way")
        running = ask(
            self.connection,
            "SELECT r.backend_pid FROM ops.migration_run AS r INNER JOIN pg_catalog.pg_stat_activity AS a ON a.pid = r.backend_pid"
            " WHERE r.state = 'running'",
        )
        if running is not None:
            notes.append(f"a migration is running now (process {running}); rently-db status shows it")
        return notes

    def _steps(self, revision: str, steps: Sequence[Step], *, begun: bool) -> list[StepPlan]:
        found = []
        for action, step in paired(steps, self.journey.direction):
            past = self.record.get((revision, self.journey.direction, action.title))
            state = self._state(action, past, begun=begun)
            table = table_of(action, step)
            plan = StepPlan(action.title, kind_of(action.title, table), table, action.mode, state, action.locks)
            if not plan.open:
                found.append(plan)
                continue
            # Whatever asks about the same thing further on will get another answer than now.
            self._touched.add(action.title.partition(":")[0])
            if action.mode is Mode.CONCURRENT and isinstance(step, Index | Unique) and table and self.journey.direction == "up":
                self.new_indexes[table] += 1
            found.append(self._measured(plan, action, step, revision, past))
        return found

    def _state(self, action: Action, past: Record | None, *, begun: bool) -> StepState:
        """What the runner would find: by its record for what is done once, else by the action's own question."""
        if action.once and past is not None and past.complete:
            return StepState.DONE
        if action.done is not None and action.title.partition(":")[0] not in self._touched and ask(self.connection, action.done):
            return StepState.DONE if begun and past is not None else StepState.NOTHING
        return StepState.BEGUN if past is not None and past.running else StepState.TO_DO

    def _measured(self, plan: StepPlan, action: Action, step: Step, revision: str, past: Record | None) -> StepPlan:
        assert self._rows is not None
        found = self._rows.rows(action, step)
        if found is not None and past is not None and past.running and found.rows.likely is not None and action.batch is not None:
            left = max(found.rows.likely - past.rows, 0)
            found = Found(replace(found.rows, likely=left), found.seconds)
        read = [self.sizes[name] for name in self._reads(action, step) if name in self.sizes]
        size = self.sizes.get(plan.table or "", _EMPTY)
        cost = self._cost(action, step, size, found)
        if self.rehearsal is not None:
            cost = self.rehearsal.cost((revision, self.journey.direction, action.title), plan.table, size, cost)
        concurrent = action.mode is Mode.CONCURRENT
        return replace(
            plan,
            rows=found.rows if found and action.mode in (Mode.BATCH, Mode.LOOP, Mode.DATA) else None,
            reads_rows=sum(size.rows for size in read),
            reads_bytes=sum(size.table_bytes for size in read) * (2 if concurrent else 1),
            cost=cost,
            waits_for=self._way.of(action.locks, concurrent=concurrent),
        )

    def _reads(self, action: Action, step: Step) -> list[str]:
        """The tables that it reads through."""
        if action.reads or isinstance(step, Accounting):
            return [action.reads]
        if action.mode is not Mode.DATA:
            return []
        return list(dict.fromkeys(name for sql in action.statements for name in re.findall(r"(?:FROM|JOIN) public\.(\w+)", sql)))

    def _cost(self, action: Action, step: Step, size: Size, found: Found | None) -> Cost:
        seconds, disk, wal, basis = costs.step_seconds(action.mode), Span(), Span(), "model"
        if action.mode is Mode.CONCURRENT and action.reads:
            seconds += costs.index_seconds(size)
            disk = wal = costs.index_bytes(action.statements[0], size, self._version)
        elif isinstance(step, Exclusion) and action.statements[0] == step.sql:
            work_seconds, disk = costs.exclusion(size)
            seconds, wal = seconds + work_seconds, disk
        elif action.mode is Mode.VALIDATE:
            seconds += costs.validate_seconds(size)
        elif isinstance(step, Accounting) and action.reads:
            seconds += costs.digest_seconds(size)
        elif action.mode is Mode.DATA and action.reads:
            if found is not None and found.seconds is not None:
                return self._searched(seconds, found)
            seconds += costs.look_seconds(size.rows)
        elif action.mode is Mode.DATA:
            seconds += costs.look_seconds(sum(self.sizes[name].rows for name in self._reads(action, step) if name in self.sizes))
        if found is not None and action.mode in (Mode.BATCH, Mode.LOOP):
            derives = isinstance(step, Backfill) and step.derives
            rows = _span(found.rows)
            indexes = size.indexes + self.new_indexes[action.batch.table if action.batch else ""]
            work = costs.written(rows, size, indexes, journalled=not derives, full_pages=self._full_pages)
            seconds, disk, wal = seconds + work.seconds, work.disk, work.wal
            if isinstance(step, Backfill) and step.each.bytes:
                beside = costs.beside(size.rows, step.each)
                seconds, disk, wal = seconds + beside.seconds, disk + beside.disk, wal + beside.wal
        return Cost(seconds.times(self._slower) + self._commits, disk, wal + costs.step_wal(), basis)

    def _searched(self, seconds: Span, found: Found) -> Cost:
        """A search was tried out: what that took is what it will take."""
        assert found.seconds is not None
        listed = costs.worklist(_span(found.rows))
        searching = Span(found.seconds, found.seconds).times(*_MEASURED)
        return Cost(seconds.times(self._slower) + self._commits + searching, listed, listed + costs.step_wal(), "measured")


def _span(rows: Rows) -> Span:
    low = 0 if rows.source is Source.AT_MOST else rows.likely or 0
    return Span(low, rows.most or 0)


def _analysed(size: Size) -> bool:
    return any(column.distinct != -1 or column.nulls for column in size.columns.values())
