"""What the plan announces is what the run does: the same steps, the same locks, about as many rows, about as many bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.migrate.actions import Action, Mode
from rently_db.migrate.revision import down_actions, up_actions
from rently_db.migrate.runner import Runner
from rently_db.operations.alembic_config import scripts
from rently_db.operations.plan import MigrationPlan, Source, make_plan
from rently_db.operations.plan.kinds import paired
from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.migrations import downgrade, plain, rows, run_sql, upgrade

STRENGTH = ("ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive")
"""PostgreSQL's modes, from the weakest that this is about, as pg_locks calls them (without "Lock")."""
_TABLES = """
SELECT c.oid::bigint, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' OR n.nspname = 'analytics' AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
"""
_LOCKS = "SELECT l.relation::bigint, l.mode FROM pg_locks AS l WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'"

Key = tuple[str, str]
"""Revision and title."""


@dataclass
class Way:
    """One migration as planned and as it happened: the locks each step's transactions held at their ends, and the rows it touched."""

    plan: MigrationPlan
    began: dict[Key, Action] = field(default_factory=dict)
    locks: dict[Key, dict[str, str]] = field(default_factory=dict)
    touched: dict[Key, int] = field(default_factory=dict)
    indexes: dict[str, int] = field(default_factory=dict)
    wal: int = 0


def _spaced(mode: str) -> str:
    """ShareUpdateExclusiveLock -> SHARE UPDATE EXCLUSIVE."""
    name = mode.removesuffix("Lock")
    return "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip().upper()


def _observed(patch: pytest.MonkeyPatch, way: Way) -> None:
    """Let the runner tell, at the end of each transaction of a step, which locks on tables, and views of analytics, it then holds."""
    begin, record, transaction = Runner._begin_step, Runner._record, Runner._transaction
    before: dict[int, str] = {}

    def noted_begin(self: Runner, action: Action) -> None:
        way.began[self._revision, action.title] = action
        begin(self, action)

    def noted_transaction(self: Runner, action: Action, *arguments: Any, **named: Any) -> int:
        before.clear()
        before.update(self._rows(_TABLES, ()))  # a table made by the step itself is nobody else's business
        return transaction(self, action, *arguments, **named)

    def noted_record(self: Runner, action: Action, *arguments: Any, **named: Any) -> None:
        if before and action.mode is not Mode.CONCURRENT:
            held = way.locks.setdefault((self._revision, action.title), {})
            for relation, mode in self._rows(_LOCKS, ()):
                name = mode.removesuffix("Lock")
                if relation in before and name in STRENGTH:
                    former = held.get(before[relation], "")
                    held[before[relation]] = max(former, name, key=lambda each: STRENGTH.index(each) if each else -1)
        record(self, action, *arguments, **named)
        before.clear()

    patch.setattr(Runner, "_begin_step", noted_begin)
    patch.setattr(Runner, "_transaction", noted_transaction)
    patch.setattr(Runner, "_record", noted_record)


def _wal(url: URL) -> int:
    return int(rows(url, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0])


@pytest.fixture(scope="module")
def ways(databases: Databases) -> Iterator[list[Way]]:
    """Up, down and up again with a book full of defects, some of whose keys and foreign keys have names of their own."""
    with databases.database() as url:
        write_v0_book(url, 120, dirty="repairable")
        run_sql(
            url,
            "ALTER TABLE loan RENAME CONSTRAINT loan_pkey TO pk_of_loans",
            "ALTER TABLE payment RENAME CONSTRAINT payment_legal_entity_id_fkey TO whose_payment",
            "ANALYZE",
        )
        found = []
        for command, target in ((upgrade, "head"), (downgrade, "v0"), (upgrade, "head")):
            way = Way(make_plan(url, target))
            begun = _wal(url)
            with pytest.MonkeyPatch.context() as patch:
                _observed(patch, way)
                command(url, target)
            way.wal = _wal(url) - begun
            way.touched = {
                (revision, title): touched
                for revision, title, touched in rows(
                    url, f"SELECT revision, step, rows_touched FROM ops.migration_step WHERE direction = '{way.plan.direction}'"
                )
            }
            way.indexes = dict(rows(url, "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'i'"))
            found.append(way)
        yield found


NUMBERS = pytest.mark.parametrize("number", [0, 1, 2], ids=["up", "down", "up again"])


@NUMBERS
def test_every_lock_that_a_step_takes_is_announced_and_none_stronger(ways: list[Way], number: int):
    """Each step that runs takes on tables exactly those locks of SHARE UPDATE EXCLUSIVE and above that the plan names.

    Statements that find nothing to do take none of theirs; schema ops has no other user.
    """
    way = ways[number]
    announced = {
        (revision.revision, step.title): {lock.relation: lock.mode for lock in step.locks if not lock.relation.startswith("ops.")}
        for revision in way.plan.revisions
        for step in revision.steps
        if step.mode is not Mode.CONCURRENT
    }
    took = {key: {table: _spaced(mode) for table, mode in held.items()} for key, held in way.locks.items()}
    idle = {key for key, action in way.began.items() if action.mode is Mode.DATA and not took.get(key)}
    assert {key: (locks, announced[key]) for key, locks in took.items() if locks != announced[key] and key not in idle} == {}
    assert sum(bool(locks) for locks in took.values()) > 150  # it has seen something


@NUMBERS
def test_the_steps_that_run_are_those_that_were_planned(ways: list[Way], number: int):
    """What the plan calls open runs, what it calls done or needless does not."""
    way = ways[number]
    planned = {(revision.revision, step.title) for revision in way.plan.revisions for step in revision.steps if step.open}
    # An index that goes with its constraint needs no dropping of its own; an account that nothing was counted for has nothing to clear;
    # a view that was replaced in place has nothing beside it to fill and to swap.
    spared = (": clear", ": fill", ": swap")
    needless = {key for key in planned - set(way.began) if key[1].startswith("index ") or key[1].endswith(spared)}
    assert planned - needless == set(way.began)


def test_keys_with_names_of_their_own_are_named(ways: list[Way]):
    """The one step whose tables depend on the database locks the table whose key v0 called otherwise, and the plan says which."""
    for way in ways:
        (step,) = (step for step in way.plan.steps() if step.title == "key names loan")
        assert [str(lock) for lock in step.locks] == ["ACCESS EXCLUSIVE loan"]


@NUMBERS
def test_rows_are_as_announced(ways: list[Way], number: int):
    """A step that goes through rows touches what was announced, or half of it; where only an upper bound is known, at most that."""
    way, compared = ways[number], 0
    for revision in way.plan.revisions:
        for step in revision.steps:
            if step.mode not in (Mode.BATCH, Mode.LOOP) or not step.open:
                continue
            assert step.rows is not None
            assert step.rows.likely is not None
            touched = way.touched[revision.revision, step.title]
            likely, most = step.rows.likely, step.rows.most or 0
            compared += touched > 0
            assert touched <= most * 1.1 + 5, (step, touched)
            if step.rows.source is not Source.AT_MOST:
                assert likely / 2 - 5 <= touched, (step, touched)
    assert compared >= 5


def test_new_indexes_are_as_big_as_announced(ways: list[Way]):
    """The bytes of each index that the upgrade builds lie in the range that the plan gives, but for two pages and a third."""
    (way, *_), page = ways, 8192
    seen = 0
    for step in way.plan.steps():
        if step.mode is Mode.CONCURRENT and step.open:
            real = way.indexes[step.title.removeprefix("index ")]
            seen += real > 4 * page
            assert step.cost.disk.low * 0.7 - 2 * page <= real <= step.cost.disk.high * 1.3 + 2 * page, (step.title, step.cost.disk, real)
    assert seen > 5


def test_actions_are_those_that_the_runner_is_given():
    """The plan looks at the actions that the revisions give to the runner, in their order, in both directions."""
    for script in scripts().walk_revisions():
        steps = script.module.steps()
        assert [action for action, _ in paired(steps, "up")] == up_actions(steps)
        assert [action for action, _ in paired(steps, "down")] == down_actions(steps)


@pytest.mark.parametrize(
    ("start", "target", "statement"),
    [("v1_backfill", "v1_indexes", "CREATE INDEX CONCURRENTLY ix_ledger"), ("v1_indexes", "v1_backfill", "DROP INDEX CONCURRENTLY")],
    ids=["build", "drop"],
)
def test_indexes_wait_for_writers_and_lock_as_announced(
    start: str, target: str, statement: str, book_database: URL, monkeypatch: pytest.MonkeyPatch
):
    """An index is built and dropped under the lock that the plan names, and waits meanwhile for the writer that the plan names."""
    upgrade(book_database, start)
    waited: list[tuple[set[str], bool]] = []
    build = Runner._concurrently

    def watched(self: Runner, statements: tuple[str, ...]) -> None:
        if waited or not statements[0].startswith(statement):
            build(self, statements)
            return
        pid = self._row("SELECT pg_backend_pid()", None)
        assert pid is not None
        work = threading.Thread(target=build, args=(self, statements))
        work.start()
        try:
            waited.append(_until_it_waits(book_database, pid[0], work))
        finally:
            writer.rollback()
            work.join()

    writer = psycopg2.connect(plain(book_database), application_name="a long story")
    with writer.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET id = id WHERE id = (SELECT id FROM ledger_entry LIMIT 1)")
    step = next(step for step in make_plan(book_database, target).steps() if step.open and step.table == "ledger_entry")
    monkeypatch.setattr(Runner, "_concurrently", watched)
    try:
        (upgrade if start < target else downgrade)(book_database, target)
    finally:
        writer.close()
    assert waited == [({"ShareUpdateExclusiveLock"}, True)]
    assert [str(lock) for lock in step.locks] == ["SHARE UPDATE EXCLUSIVE ledger_entry"]
    assert any("a long story" in reason and reason.startswith("ROW EXCLUSIVE ledger_entry") for reason in step.waits_for)


def _until_it_waits(url: URL, pid: int, work: threading.Thread) -> tuple[set[str], bool]:
    """The locks above ROW EXCLUSIVE that the process holds on ledger_entry once it waits for somebody, and whether it does."""
    held = (
        f"SELECT l.mode FROM pg_locks AS l WHERE l.pid = {pid} AND l.relation = 'ledger_entry'::regclass AND l.granted"
        " AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')"
    )
    while work.is_alive():
        if rows(url, f"SELECT cardinality(pg_blocking_pids({pid})) > 0")[0][0]:
            return {mode for (mode,) in rows(url, held)}, True
        time.sleep(0.05)
    return set(), False
