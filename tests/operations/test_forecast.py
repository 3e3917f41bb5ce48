"""The forecast of disk and WAL, against what an upgrade takes."""

from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from rently_db.migrate.steps import Backfill, Index, flat
from rently_db.operations.forecast import Forecast, TableSize, forecast, readable
from tests.support.books import write_v0_book
from tests.support.migrations import ROOT, rows, run_sql, upgrade

STEPS = [step for revision in ScriptDirectory(str(ROOT / "migrations")).walk_revisions() for step in flat(revision.module.steps())]
SIZES = "SELECT relname::text, greatest(reltuples, 0)::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE {} ORDER BY 1"
TABLES = "relnamespace IN (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname IN ('public', 'analytics')) AND relkind IN ('r', 'm')"


def sizes(url: URL) -> dict[str, TableSize]:
    """Every table of schemas public and analytics, and what is materialized."""
    return {name: TableSize(*numbers) for name, *numbers in rows(url, SIZES.format(TABLES))}


def test_an_upgrade_takes_what_was_forecast(empty_database: URL):
    """Disk and WAL are not more than forecast, lest the disk fills; and not less than a fifth of it, lest nobody believes it."""
    write_v0_book(empty_database, 600)
    run_sql(empty_database, "VACUUM ANALYZE", "CHECKPOINT")
    before = sizes(empty_database)
    expected = forecast(before, STEPS)
    start = rows(empty_database, "SELECT pg_current_wal_lsn()::text")[0][0]
    upgrade(empty_database)
    wal = int(rows(empty_database, f"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{start}')")[0][0])
    after = sizes(empty_database)
    empty = 8 * 8192 * sum(name not in before for name in after)  # pages of indexes and tables without rows
    grown = sum(size.table_bytes + size.index_bytes for size in after.values()) - empty
    grown -= sum(size.table_bytes + size.index_bytes for size in before.values())
    assert expected.data_bytes / 5 < grown < expected.data_bytes
    assert expected.wal_bytes / 5 < wal < expected.wal_bytes


def test_the_forecast_is_proportional_to_the_rows():
    """Ten times the rows need ten times the disk; no rows need none."""
    once = {"loan": TableSize(1_000, 200_000, 100_000), "payment": TableSize(20_000, 5_000_000, 900_000)}
    tenfold = {name: TableSize(size.rows * 10, size.table_bytes * 10, size.index_bytes * 10) for name, size in once.items()}
    assert forecast(tenfold, STEPS).data_bytes == pytest.approx(10 * forecast(once, STEPS).data_bytes, rel=0.001)
    assert forecast({}, STEPS) == Forecast(0, 0, 0, 0)


def test_what_each_step_adds():
    """An index costs 40 bytes a row, a derived row its bytes and its entries once more, a row written into a new table its own."""
    tables = {"loan": TableSize(1_000, 200_000, 100_000)}
    index = Index("loan", "i", "CREATE INDEX CONCURRENTLY i ON public.loan (status)")
    derives = Backfill("derive", "loan", "UPDATE public.loan ...", derives=True)
    fills = Backfill("fill", "loan", "INSERT INTO public.history (loan_id) SELECT ...")
    assert forecast(tables, [index]) == Forecast(40_000, 0, 40_000, 2 * 40_000 + 200_000)
    assert forecast(tables, [index, derives]).rewritten_bytes == 200_000 + 100_000 + 40_000
    assert forecast(tables, [fills]).rewritten_bytes == 150_000 + 3_000


@pytest.mark.parametrize(("size", "words"), [(0, "0 bytes"), (2048, "2 kB"), (5 << 20, "5 MB"), (3 << 30, "3 GB"), (5 << 40, "5.0 TB")])
def test_sizes_are_readable(size: int, words: str):
    """People read megabytes."""
    assert readable(size) == words
