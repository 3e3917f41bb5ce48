from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.database import ENVIRONMENT_VARIABLE
from rently_db.migrate.turn import LOCK_KEY
from rently_db.testing.databases import Databases
from tests.support.books import Book, books, go
from tests.support.migrations import ROOT, chain, connect, downgrade, plain, rows, run_sql, upgrade
from tests.support.stops import is_stopped, stop


@pytest.fixture(scope="module")
def book(databases: Databases) -> Iterator[Book]:
    """The book, before and after an undisturbed upgrade."""
    with books(databases) as made:
        yield made


@pytest.mark.parametrize("every", [250, 400])
def test_a_run_stopped_again_and_again_arrives(book: Book, monkeypatch: pytest.MonkeyPatch, every: int):
    """However often a deployment is stopped, the same command goes on from there, up and down, and the result is that of one run."""
    with book.before("up") as url:
        for direction in ("up", "down"):
            with stop(monkeypatch, every):
                assert is_stopped(url, direction)
            for _ in range(40):
                with stop(monkeypatch, every):
                    if not is_stopped(url, direction):
                        break
            book.check(url, direction)


@pytest.mark.parametrize("at", [5, 700, 1300])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_stop_inside_a_transaction_leaves_nothing_of_it(book: Book, monkeypatch: pytest.MonkeyPatch, direction: str, at: int):
    """Stopped between two statements, of a batch or of a change of the schema, a run goes on without doing anything twice."""
    with book.before(direction) as url:
        with stop(monkeypatch, at, method="_sql"):
            assert is_stopped(url, direction)
        go(url, direction)
        book.check(url, direction)


_LAST = {"v1_indexes": 10}
"""Where a revision has fewer than 40 actions: how many to let pass before it is stopped late."""
CHAIN = chain()[1 : chain().index("v1") + 1]
TURNS = [(revision, after) for revision in CHAIN for after in (5, _LAST.get(revision, 40))]
"""Where to turn round: after a few actions of every revision, and after some."""


@pytest.mark.parametrize(("revision", "after"), TURNS)
def test_a_stopped_upgrade_can_be_rolled_back(book: Book, monkeypatch: pytest.MonkeyPatch, revision: str, after: int):
    """Whoever gives up half way gets back the database that was there before, schema and rows."""
    with book.before("up") as url:
        with stop(monkeypatch, after, revision=revision):
            assert is_stopped(url, "up")
        downgrade(url)
        book.check(url, "down")


@pytest.mark.parametrize(
    ("revision", "after"), [(revision, 1 if revision == "v1_backfill" else _LAST.get(revision, 40)) for revision in CHAIN]
)
def test_a_stopped_rollback_can_be_taken_up_again(book: Book, monkeypatch: pytest.MonkeyPatch, revision: str, after: int):
    """Whoever thinks better of a rollback half way gets v1 back, and can still roll back to what v0 was."""
    with book.before("down") as url:
        with stop(monkeypatch, after, revision=revision):
            assert is_stopped(url, "down")
        for direction in ("up", "down"):
            go(url, direction)
            book.check(url, direction)


@pytest.mark.parametrize("revision", ["v1_expand", "v1_indexes", "v1_validate"])
def test_a_stopped_return_can_be_stopped_too(book: Book, monkeypatch: pytest.MonkeyPatch, revision: str):
    """An upgrade that was stopped, and whose rollback was stopped before its end, still goes back to v0."""
    with book.before("up") as url:
        for direction, after in (("up", _LAST.get(revision, 30)), ("down", 2)):
            with stop(monkeypatch, after, revision=revision):
                assert is_stopped(url, direction)
        downgrade(url)
        book.check(url, "down")


@pytest.mark.parametrize("revision", ["v1_expand", "v1_validate", "v1"])
def test_a_stopped_rollback_may_change_its_mind_twice(book: Book, monkeypatch: pytest.MonkeyPatch, revision: str):
    """A rollback that was stopped, and whose return was stopped too, arrives at v1, and from there at v0."""
    with book.before("down") as url:
        for direction, after in (("down", 30), ("up", 2)):
            with stop(monkeypatch, after, revision=revision):
                assert is_stopped(url, direction)
        for direction in ("up", "down"):
            go(url, direction)
            book.check(url, direction)


def test_an_index_that_was_left_behind_before_its_record_goes_too(book: Book, monkeypatch: pytest.MonkeyPatch):
    """A concurrent index is there before it is recorded: killed in between, a rollback still finds it."""
    with book.before("up") as url:
        with stop(monkeypatch, 1, revision="v1_indexes", method="_record"):
            assert is_stopped(url, "up")
        downgrade(url)
        book.check(url, "down")


def test_an_invalid_index_is_built_again(book: Book):
    """A concurrent build that failed leaves an INVALID index; the next run drops it and builds a valid one."""
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    with book.before("up") as url:
        upgrade(url, "v1_backfill")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            run_sql(url, "CREATE UNIQUE INDEX CONCURRENTLY one_payment_per_reference ON public.payment (legal_entity_id)")
        assert rows(url, invalid) == [("one_payment_per_reference",)]
        upgrade(url)
        assert rows(url, invalid) == []
        book.check(url, "up")


def test_an_invalid_unique_index_of_a_constraint_is_built_again(book: Book):
    """The same holds for the index on which a unique constraint will stand."""
    name = "amortisation_line_plan_id_seq_no_key"
    with book.before("up") as url:
        upgrade(url, "v1_backfill")
        run_sql(
            url,
            f"CREATE UNIQUE INDEX {name} ON public.amortisation_line (plan_id, seq_no)",
            f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass",
        )
        upgrade(url)
        book.check(url, "up")


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_migration_steps_back_from_a_lock_and_tries_again(
    book: Book, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, direction: str
):
    """A long transaction on a table delays the migration, which does not queue: it gives way, comes back, and arrives."""
    monkeypatch.setenv("RENTLY_LOCK_BUDGET", "0.2")
    with book.before(direction) as url:
        reader = psycopg2.connect(plain(url))
        timer = threading.Timer(1.5, reader.rollback)
        try:
            reader.cursor().execute("LOCK TABLE public.loan IN ACCESS SHARE MODE")
            timer.start()
            with caplog.at_level(logging.INFO, "rently_db.migrate"):
                go(url, direction)
        finally:
            timer.join()
            reader.close()
        book.check(url, direction)
    assert sum(int(number) for number in re.findall(r"(\d+) retries", caplog.text)) > 0
    assert "canceling statement due to lock timeout; next try in" in caplog.text


def test_two_deployments_at_once_both_arrive(book: Book):
    """Two pipelines that start the same deployment don't break it: one works, the other waits and finds it done."""
    with book.before("up") as url:
        command = [sys.executable, "-m", "alembic", "upgrade", "v1"]
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        environment = os.environ | {ENVIRONMENT_VARIABLE: plain(url)}
        runs = [subprocess.Popen(command, cwd=ROOT, env=environment, **options) for _ in range(2)]
        outputs = [run.communicate(timeout=120)[0] for run in runs]
        assert [run.returncode for run in runs] == [0, 0], outputs
        assert sum("v1_expand (up)" in output for output in outputs) == 1
        book.check(url, "up")


def test_a_deployment_does_not_wait_for_ever(book_database: URL, monkeypatch: pytest.MonkeyPatch):
    """Another deployment that does not end in time is an error that says so, and nothing was changed."""
    monkeypatch.setenv("RENTLY_DEPLOY_WAIT", "0.3")
    other = connect(book_database)
    try:
        other.cursor().execute("SELECT pg_advisory_lock(%s)", (LOCK_KEY,))
        begun = time.monotonic()
        with pytest.raises(CommandError, match=r"another deployment.*RENTLY_DEPLOY_WAIT=SECONDS"):
            upgrade(book_database)
        assert time.monotonic() - begun < 10
        assert rows(book_database, "SELECT to_regnamespace('ops') IS NULL") == [(True,)]
    finally:
        other.close()
    upgrade(book_database)
