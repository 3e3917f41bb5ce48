from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import URL

from rently_db.migrate.actions import Batch
from rently_db.migrate.frozen import Frozen
from tests.support.migrations import ROOT, connect, rows, run_sql, upgrade

_FX = (
    "INSERT INTO fx_rate (id, as_of_date, from_ccy, to_ccy, rate, source) "
    "SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, '2026-01-05', 'USD', 'SGD', 1.34, 'race' FROM generate_series(1, 3) AS n"
)


def test_a_duplicate_that_is_changed_at_this_moment_is_no_duplicate(book_database: URL):
    """An application changes one of three equal rates while duplicates are taken out: its row stays, one of the others goes."""
    run_sql(book_database, _FX)
    upgrade(book_database, "v1_bridges")
    (step,) = (s for s in Frozen(ROOT / "migrations" / "sql" / "v1_backfill").steps("duplicates.sql") if s.title == "duplicates-fx_rate")
    (statement,) = step.forth
    application, migration = connect(book_database), connect(book_database)
    try:
        application.autocommit = False
        application.cursor().execute("UPDATE fx_rate SET rate = 1.35 WHERE id = '00000000-0000-4000-8000-000000000002'")
        removing = threading.Thread(target=migration.cursor().execute, args=(statement,))
        removing.start()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        _until(book_database, waits)
        application.commit()
        removing.join(timeout=30)
        left = rows(book_database, "SELECT right(id::text, 1), rate::text FROM fx_rate WHERE source = 'race' ORDER BY id")
    finally:
        application.close()
        migration.close()
    assert [(nr, float(rate)) for nr, rate in left] == [("1", 1.34), ("2", 1.35)]


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
