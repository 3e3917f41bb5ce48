from __future__ import annotations

import threading
import time

from sqlalchemy import URL

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
        deadline = time.monotonic() + 30
        while rows(book_database, waits) != [(1,)]:
            assert time.monotonic() < deadline, "the migration does not wait for the application's row"
            time.sleep(0.02)
        application.commit()
        removing.join(timeout=30)
        left = rows(book_database, "SELECT right(id::text, 1), rate::text FROM fx_rate WHERE source = 'race' ORDER BY id")
    finally:
        application.close()
        migration.close()
    assert [(nr, float(rate)) for nr, rate in left] == [("1", 1.34), ("2", 1.35)]
