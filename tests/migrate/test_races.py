from __future__ import annotations

import threading
import time
from decimal import Decimal

import pytest
from sqlalchemy import URL

from rently_db.migrate.actions import Batch
from rently_db.migrate.frozen import Frozen
from rently_db.migrate.runner import HIGHEST, LOWEST
from tests.support.migrations import ROOT, connect, downgrade, rows, run_sql, upgrade

_FX = (
    "INSERT INTO fx_rate (id, as_of_date, from_ccy, to_ccy, rate, source) "
    "SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, '2026-01-05', 'USD', 'SGD', 1.34, 'race' FROM generate_series(1, 3) AS n"
)


def _statement(file: str, title: str) -> str:
    """A frozen statement of v1_backfill, over all keys."""
    for step in Frozen(ROOT / "migrations" / "sql" / "v1_backfill").steps(file):
        for action in step.up():
            if action.title == title:
                return action.batch.over(f"'{LOWEST}'", f"'{HIGHEST}'", first=True) if action.batch else action.statements[0]
    raise AssertionError(f"{file} has no step {title}")


def _while_an_application_writes(url: URL, write: str, statement: str) -> None:
    """Run the migration's statement while an application has written and not committed; it commits once the migration waits for it."""
    application, migration = connect(url), connect(url)
    try:
        application.autocommit = False
        application.cursor().execute(write)
        working = threading.Thread(target=migration.cursor().execute, args=(statement,))
        working.start()
        _until(url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        application.commit()
        working.join(timeout=30)
    finally:
        application.close()
        migration.close()


def test_a_duplicate_that_is_changed_at_this_moment_is_no_duplicate(book_database: URL):
    """An application changes one of three equal rates while duplicates are taken out: its row stays, one of the others goes."""
    run_sql(book_database, _FX)
    upgrade(book_database, "v1_bridges")
    write = "UPDATE fx_rate SET rate = 1.35 WHERE id = '00000000-0000-4000-8000-000000000002'"
    _while_an_application_writes(book_database, write, _statement("duplicates.sql", "duplicates-fx_rate"))
    left = rows(book_database, "SELECT right(id::text, 1), rate FROM fx_rate WHERE source = 'race' ORDER BY id")
    assert left == [("1", Decimal("1.34")), ("2", Decimal("1.35"))]


def test_a_plan_that_is_cancelled_at_this_moment_leaves_the_other_one_active(book_database: URL):
    """Of two active plans the newest stays, unless an application cancels it right now: then the other one goes on billing."""
    [(loan,)] = rows(book_database, "SELECT loan_id::text FROM amortisation_plan WHERE status = 'active' ORDER BY id LIMIT 1")
    newer = "00000000-0000-4000-8000-00000000000a"
    run_sql(
        book_database,
        f"INSERT INTO amortisation_plan SELECT (jsonb_populate_record(p, jsonb_build_object('id', '{newer}', 'version', 99))).* "
        f"FROM amortisation_plan AS p WHERE p.loan_id = '{loan}' AND p.status = 'active'",
        "INSERT INTO amortisation_line "
        f"SELECT (jsonb_populate_record(l, jsonb_build_object('id', md5(l.id::text)::uuid, 'plan_id', '{newer}'))).* "
        f"FROM amortisation_line AS l JOIN amortisation_plan AS p ON p.id = l.plan_id AND p.loan_id = '{loan}' AND p.id <> '{newer}'",
    )
    upgrade(book_database, "v1_bridges")
    write = f"UPDATE amortisation_plan SET status = 'cancelled' WHERE id = '{newer}'"
    _while_an_application_writes(book_database, write, _statement("set_repairs.sql", "one-active-plan"))
    active = rows(book_database, f"SELECT version FROM amortisation_plan WHERE loan_id = '{loan}' AND status = 'active'")
    assert len(active) == 1, active
    assert active != [(99,)]


def test_a_status_that_changes_at_this_moment_is_the_last_in_the_history(v1_book: URL):
    """What v0 changed alone is caught up; a loan whose status an application changes right now ends with the application's."""
    [(loan,)] = rows(v1_book, "SELECT id::text FROM loan WHERE status = 'active' ORDER BY id LIMIT 1")
    downgrade(v1_book)
    run_sql(v1_book, f"UPDATE loan SET status = 'written_off' WHERE id = '{loan}'")
    upgrade(v1_book, "v1_bridges")
    write = f"UPDATE loan SET status = 'closed' WHERE id = '{loan}'"
    _while_an_application_writes(v1_book, write, _statement("status_history.sql", "status-changed-under-v0"))
    current = rows(
        v1_book,
        f"SELECT status_value FROM loan_status_history WHERE loan_id = '{loan}' AND status_type = 'operational_status' "
        "AND effective_through IS NULL",
    )
    assert current == [("closed",)]


def test_what_v0_repeats_while_the_upgrade_is_halted_is_taken_out_too(book_database: URL):
    """Halted after the backfill, v0 goes on and repeats a rate: the upgrade that is continued takes the second one out and arrives."""
    upgrade(book_database, "v1_backfill")
    run_sql(book_database, _FX)
    upgrade(book_database)
    assert rows(book_database, "SELECT count(*) FROM fx_rate WHERE source = 'race'") == [(1,)]
    assert rows(book_database, "SELECT count(*) FROM ops.row_journal WHERE rule = 'fx_rate_duplicate' AND kind = 'removed'") == [(2,)]


def test_an_extension_that_others_use_stays(book_database: URL):
    """An index made by hand on v1's extension does not stop the rollback half way: the extension stays."""
    upgrade(book_database)
    run_sql(book_database, "CREATE INDEX by_hand ON fx_rate USING gist (as_of_date)")
    downgrade(book_database)
    assert rows(book_database, "SELECT version_num, to_regclass('by_hand') IS NOT NULL FROM ops.alembic_version") == [("v0", True)]


def test_a_position_by_keys_is_none_by_pages(book_database: URL):
    """A run stopped on PostgreSQL 13 has stored an id; on 14 and newer, which goes by pages, the upgrade goes on all the same."""
    upgrade(book_database, "v1_bridges")
    run_sql(
        book_database,
        "INSERT INTO ops.migration_step (revision, direction, step, mode, state, position) VALUES "
        "('v1_backfill', 'up', 'derive-loan-created_at', 'batch', 'running', 'bd0f5a33-3bd6-4b67-8b4a-1f6a2a1c0d11')",
    )
    upgrade(book_database)
    assert rows(book_database, "SELECT count(*) FROM loan WHERE created_at IS NULL") == [(0,)]


def test_nobody_queues_behind_a_wait_for_vacuum(book_database: URL):
    """A vacuum that holds a table for seconds keeps the migration waiting with a lock that lets applications through."""
    vacuum = connect(book_database)
    vacuum.autocommit = False
    vacuum.cursor().execute("LOCK TABLE loan IN SHARE UPDATE EXCLUSIVE MODE")
    migrating = threading.Thread(target=upgrade, args=(book_database,))
    migrating.start()
    try:
        queued = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'loan'::regclass AND mode = 'ShareUpdateExclusiveLock'"
        _until(book_database, queued)
        # As an application would: with no patience at all.
        run_sql(book_database, "SET lock_timeout = '50ms'; UPDATE loan SET status = status; SELECT count(*) FROM loan")
    finally:
        vacuum.rollback()
        vacuum.close()
        migrating.join(timeout=120)
    assert rows(book_database, "SELECT sum(retries)::int, bool_and(state = 'done') FROM ops.migration_step") == [(0, True)]


def test_rows_written_anew_while_pages_go_by_are_not_missed(book_database: URL, server_version: int, monkeypatch: pytest.MonkeyPatch):
    """A row that an application moves behind the pages that were done already is found afterwards: every ledger entry gets its date."""
    whole = Batch.over_pages
    monkeypatch.setattr(Batch, "over_pages", lambda self, low, high: whole(self, low + 1, high))
    upgrade(book_database)
    assert rows(book_database, "SELECT count(*) FROM ledger_entry WHERE entry_date IS NULL") == [(0,)]
    assert rows(book_database, "SELECT count(*) FROM loan WHERE created_at IS NULL") == [(0,)]
    [(missed,)] = rows(book_database, "SELECT sum(rows_touched)::int FROM ops.migration_step WHERE step LIKE 'derive-%: missed'")
    assert (missed > 0) == (server_version >= 140000), "before PostgreSQL 14 it goes by keys, and misses nothing"


def _until(url: URL, counted: str) -> None:
    deadline = time.monotonic() + 60
    while rows(url, counted) == [(0,)]:
        assert time.monotonic() < deadline, f"never so: {counted}"
        time.sleep(0.02)
