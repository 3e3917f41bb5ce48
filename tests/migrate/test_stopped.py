from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.database import ENVIRONMENT_VARIABLE
from rently_db.migrate.deployment import _LOCK_KEY
from rently_db.migrate.runner import Runner
from rently_db.synth import SynthOptions, write_v0
from tests.support.databases import Databases
from tests.support.looks import head_of, v1_content
from tests.support.migrations import ROOT, chain, connect, downgrade, dump, plain, rows, run_sql, upgrade, v0_content

UNTIL = {"up": upgrade, "down": downgrade}


class Stopped(Exception):
    """Stands for a kill: the run ends here, and nothing after it happens."""


@contextmanager
def stop(monkeypatch: pytest.MonkeyPatch, after: int, *, revision: str | None = None, method: str = "_run") -> Iterator[list[int]]:
    """Let the runner end after so many calls of a method (of one revision); gives the count of calls."""
    original, count = getattr(Runner, method), [0]

    def counted(self: Runner, *arguments: Any) -> Any:
        if revision is None or self._revision == revision:
            if count[0] == after:
                count[0] += 1
                raise Stopped
            count[0] += 1
        return original(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, method, counted)
        yield count


def run_stopped(
    monkeypatch: pytest.MonkeyPatch, url: URL, direction: str, after: int, *, revision: str | None = None, method: str = "_run"
) -> bool:
    """Run a command that is stopped; whether it was, or had come to its end before."""
    with stop(monkeypatch, after, revision=revision, method=method):
        try:
            UNTIL[direction](url)
        except Stopped:
            return True
    return False


@pytest.fixture(scope="module")
def dirty_template(databases: Databases) -> Iterator[str]:
    """A v0 book with every repairable defect, and names and rules that people gave by hand."""
    with databases.database() as url:
        connection = connect(url)
        try:
            write_v0(connection, SynthOptions(loans=55, dirty="repairable"))
        finally:
            connection.close()
        run_sql(
            url,
            "ALTER TABLE public.payment ALTER COLUMN status SET DEFAULT 'processing'",
            "ALTER TABLE public.loan ALTER COLUMN loan_number SET NOT NULL",
            "COMMENT ON COLUMN public.loan.status IS 'sales'",
            "ALTER TABLE public.loan RENAME CONSTRAINT loan_pkey TO pk_loan",
            "ALTER TABLE public.payment RENAME CONSTRAINT payment_legal_entity_id_fkey TO fk_1",
        )
        yield str(url.database)


@pytest.fixture(scope="module")
def undisturbed(databases: Databases, dirty_template: str) -> Iterator[str]:
    """The same book at head, by an upgrade that nobody stopped."""
    with databases.database(template=dirty_template) as url:
        upgrade(url)
        yield str(url.database)


@pytest.fixture(scope="module")
def v0_state(databases: Databases, dirty_template: str) -> tuple[str, str]:
    """Schema and rows of the book as v0."""
    with databases.database(template=dirty_template) as url:
        return dump(url), repr(v0_content(url))


@pytest.fixture(scope="module")
def v1_state(databases: Databases, undisturbed: str) -> tuple[tuple[str, list[tuple]], dict[str, list[str]]]:
    """Schema, version and rows of the book at head."""
    with databases.database(template=undisturbed) as url:
        return head_of(url), v1_content(url)


@pytest.fixture
def dirty_v0(databases: Databases, dirty_template: str) -> Iterator[URL]:
    """The book as v0, of this test's own."""
    with databases.database(template=dirty_template) as url:
        yield url


@pytest.fixture
def dirty_v1(databases: Databases, undisturbed: str) -> Iterator[URL]:
    """The book at head, of this test's own."""
    with databases.database(template=undisturbed) as url:
        yield url


def is_v0(url: URL, expected: tuple[str, str]) -> None:
    """Assert that the database is the book as v0 was, schema and rows."""
    assert (dump(url), repr(v0_content(url))) == expected


def is_v1(url: URL, expected: tuple[tuple[str, list[tuple]], dict[str, list[str]]]) -> None:
    """Assert that the database is what an undisturbed upgrade makes of the book."""
    assert head_of(url) == expected[0]
    assert v1_content(url) == expected[1]


@pytest.mark.parametrize("every", [61, 149])
def test_a_run_stopped_again_and_again_arrives(dirty_v0: URL, v0_state: Any, v1_state: Any, monkeypatch: pytest.MonkeyPatch, every: int):
    """However often a deployment is stopped, the same command goes on from there, up and down, and the result is that of one run."""
    for direction in ("up", "down"):
        stops = 0
        while run_stopped(monkeypatch, dirty_v0, direction, every):
            stops += 1
        assert stops >= 4
        if direction == "up":
            is_v1(dirty_v0, v1_state)
    is_v0(dirty_v0, v0_state)


@pytest.mark.parametrize("at", [5, 400, 900, 1300, 1700, 2400])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_stop_inside_a_transaction_leaves_nothing_of_it(
    databases: Databases,
    dirty_template: str,
    undisturbed: str,
    v0_state: Any,
    v1_state: Any,
    monkeypatch: pytest.MonkeyPatch,
    direction: str,
    at: int,
):
    """Stopped between two statements, of a batch or of a change of the schema, a run goes on without doing anything twice."""
    with databases.database(template=dirty_template if direction == "up" else undisturbed) as url:
        assert run_stopped(monkeypatch, url, direction, at, method="_cursor_execute")
        UNTIL[direction](url)
        if direction == "up":
            is_v1(url, v1_state)
        else:
            is_v0(url, v0_state)


def turns() -> Iterator[tuple[str, int]]:
    """Where to turn round: the first, a middle and the last action of every revision."""
    for revision in chain()[1:]:
        yield from ((revision, after) for after in (1, 40))


@pytest.mark.parametrize(("revision", "after"), list(turns()))
def test_a_stopped_upgrade_can_be_rolled_back(dirty_v0: URL, v0_state: Any, monkeypatch: pytest.MonkeyPatch, revision: str, after: int):
    """Whoever gives up half way gets back the database that was there before, schema and rows."""
    assert run_stopped(monkeypatch, dirty_v0, "up", after, revision=revision)
    downgrade(dirty_v0)
    is_v0(dirty_v0, v0_state)


@pytest.mark.parametrize(("revision", "after"), [turn for turn in turns() if turn != ("v1_backfill", 40)])
def test_a_stopped_rollback_can_be_taken_up_again(
    dirty_v1: URL, v0_state: Any, v1_state: Any, monkeypatch: pytest.MonkeyPatch, revision: str, after: int
):
    """Whoever thinks better of a rollback half way gets v1 back, and can still roll back to what v0 was."""
    assert run_stopped(monkeypatch, dirty_v1, "down", 1 if revision == "v1_backfill" else after, revision=revision)
    upgrade(dirty_v1)
    is_v1(dirty_v1, v1_state)
    downgrade(dirty_v1)
    is_v0(dirty_v1, v0_state)


@pytest.mark.parametrize("revision", chain()[1:])
def test_a_stopped_return_can_be_stopped_too(dirty_v0: URL, v0_state: Any, monkeypatch: pytest.MonkeyPatch, revision: str):
    """An upgrade that was stopped, and whose rollback was stopped before its end, still goes back to v0."""
    assert run_stopped(monkeypatch, dirty_v0, "up", 30, revision=revision)
    assert run_stopped(monkeypatch, dirty_v0, "down", 2, revision=revision)
    downgrade(dirty_v0)
    is_v0(dirty_v0, v0_state)


@pytest.mark.parametrize("revision", ["v1_expand", "v1_validate", "v1"])
def test_a_stopped_rollback_may_change_its_mind_twice(
    dirty_v1: URL, v0_state: Any, v1_state: Any, monkeypatch: pytest.MonkeyPatch, revision: str
):
    """A rollback that was stopped, and whose return to v1 was stopped too, arrives at head, and from there at v0."""
    assert run_stopped(monkeypatch, dirty_v1, "down", 30, revision=revision)
    assert run_stopped(monkeypatch, dirty_v1, "up", 2, revision=revision)
    upgrade(dirty_v1)
    is_v1(dirty_v1, v1_state)
    downgrade(dirty_v1)
    is_v0(dirty_v1, v0_state)


def test_an_index_that_was_left_behind_before_its_record_goes_too(dirty_v0: URL, v0_state: Any, monkeypatch: pytest.MonkeyPatch):
    """A concurrent index is there before it is recorded: killed in between, a rollback still finds it."""
    with stop(monkeypatch, 0, revision="v1_indexes", method="_record"), pytest.raises(Stopped):
        upgrade(dirty_v0)
    downgrade(dirty_v0)
    is_v0(dirty_v0, v0_state)


def test_an_invalid_index_is_built_again(dirty_v0: URL, v1_state: Any):
    """A concurrent build that failed leaves an INVALID index; the next run drops it and builds a valid one."""
    upgrade(dirty_v0, "v1_backfill")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        run_sql(dirty_v0, "CREATE UNIQUE INDEX CONCURRENTLY ix_loan_product_id ON public.loan (product_id)")
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    assert rows(dirty_v0, invalid) == [("ix_loan_product_id",)]
    upgrade(dirty_v0)
    assert rows(dirty_v0, invalid) == []
    is_v1(dirty_v0, v1_state)


def test_an_invalid_unique_index_of_a_constraint_is_built_again(dirty_v0: URL, v1_state: Any):
    """The same holds for the index on which a unique constraint will stand."""
    upgrade(dirty_v0, "v1_backfill")
    name = "amortisation_line_plan_id_seq_no_key"
    run_sql(
        dirty_v0,
        f"CREATE UNIQUE INDEX {name} ON public.amortisation_line (plan_id, seq_no)",
        f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass",
    )
    upgrade(dirty_v0)
    is_v1(dirty_v0, v1_state)


def retries(log: str) -> int:
    """How often a run stepped back from a lock, by its own account."""
    return sum(int(number) for number in re.findall(r"(\d+) retries", log))


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_migration_steps_back_from_a_lock_and_tries_again(
    databases: Databases,
    dirty_template: str,
    undisturbed: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    direction: str,
):
    """A long transaction on a table delays the migration, which does not queue: it gives way, comes back, and arrives."""
    monkeypatch.setenv("RENTLY_LOCK_BUDGET", "0.2")
    with databases.database(template=dirty_template if direction == "up" else undisturbed) as url:
        reader = psycopg2.connect(plain(url))
        try:
            reader.cursor().execute("LOCK TABLE public.loan IN ACCESS SHARE MODE")
            threading.Timer(1.5, reader.rollback).start()
            with caplog.at_level(logging.INFO, "rently_db.migrate"):
                UNTIL[direction](url)
        finally:
            reader.close()
        assert rows(url, "SELECT version_num FROM ops.alembic_version") == [("v1" if direction == "up" else "v0",)]
    assert retries(caplog.text) > 0
    assert "canceling statement due to lock timeout; next try in" in caplog.text


def test_two_deployments_at_once_both_arrive(dirty_v0: URL, v1_state: Any):
    """Two pipelines that start the same deployment don't break it: one works, the other waits and finds it done."""
    environment = os.environ | {ENVIRONMENT_VARIABLE: plain(dirty_v0)}
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    runs = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)
    ]
    outputs = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert sum("v1_expand (up)" in output for output in outputs) == 1
    is_v1(dirty_v0, v1_state)


def test_a_deployment_does_not_wait_for_ever(book_database: URL, monkeypatch: pytest.MonkeyPatch):
    """Another deployment that does not end in time is an error that says so, and nothing was changed."""
    monkeypatch.setenv("RENTLY_DEPLOY_WAIT", "0.3")
    other = connect(book_database)
    try:
        other.cursor().execute("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
        begun = time.monotonic()
        with pytest.raises(CommandError, match=r"another deployment.*RENTLY_DEPLOY_WAIT=SECONDS"):
            upgrade(book_database)
        assert time.monotonic() - begun < 10
        assert rows(book_database, "SELECT to_regnamespace('ops') IS NULL") == [(True,)]
    finally:
        other.close()
    upgrade(book_database)
