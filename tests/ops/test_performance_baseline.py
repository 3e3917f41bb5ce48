"""Baselines of performance in the database: what statements took before, against what they take since; sizes of tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal

import psycopg2.errors
import pytest
from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.server import Server, installed_server
from tests.analytics.live_book import Session, session
from tests.support.migrations import downgrade, rows, run_sql, upgrade

LOOK = "SELECT id FROM public.loan WHERE loan_number = 'x'"
COUNTED = "SELECT id FROM public.loan WHERE loan_number = $1"


@pytest.fixture(scope="module")
def busy() -> Iterator[URL]:
    """A database at head on a server that counts statements."""
    version = os.environ.get("RENTLY_TEST_PG")
    settings = {"shared_preload_libraries": "pg_stat_statements"}
    with Server(installed_server(version) if version else None, settings=settings) as server:
        url = parse_url(server.url())
        upgrade(url)
        run_sql(url, "CREATE SCHEMA stats", "CREATE EXTENSION pg_stat_statements SCHEMA stats")
        yield url


@pytest.fixture
def counting(busy: URL) -> Iterator[Session]:
    """That database with counters at zero and without baselines."""
    with session(busy, autocommit=True) as opened:
        opened.rows("SELECT stats.pg_stat_statements_reset()")
        opened.rows("DELETE FROM ops.performance_baseline")
        yield opened


def compared(opened: Session, *labels: str) -> dict[str, tuple]:
    """Statement -> calls, both means, ratio, status."""
    names = ", ".join(["%s"] * len(labels))
    return {row[0]: row[1:] for row in opened.rows(f"SELECT * FROM ops.compare_performance_baseline({names})", *labels)}


def test_statements_are_compared_by_what_they_took_since(counting: Session):
    """Calls before the baseline are not counted again: of a statement that was called three times and then twice, two are told."""
    for _ in range(3):
        counting.rows(LOOK)
    assert counting.value("SELECT ops.take_performance_baseline('before')") >= 1
    kept = counting.rows(
        "SELECT calls, mean_ms > 0, row_count, query_id IS NOT NULL FROM ops.performance_baseline WHERE subject = %s", COUNTED
    )
    assert kept == [(3, True, 0, True)]
    assert compared(counting, "before")[COUNTED][0::4] == (0, "NOT CALLED")
    for _ in range(2):
        counting.rows(LOOK)
    calls, before, after, ratio, status = compared(counting, "before")[COUNTED]
    assert (calls, status in ("SAME", "SLOWER", "FASTER")) == (2, True)
    assert before > 0 < after
    assert abs(ratio - after / before) <= 0.01


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((20, 400), (10, 10, 30, 3, "SLOWER")),
        ((20, 110), (10, 10, 1, Decimal("0.1"), "FASTER")),
        ((20, 205), (10, 10, Decimal("10.5"), Decimal("1.05"), "SAME")),
        ((5, 150), (5, 10, 30, 3, "SLOWER")),
        ((10, 100), (0, 10, None, None, "NOT CALLED")),
    ],
)
def test_slower_and_faster_are_told(live: Session, after: tuple[int, int], expected: tuple):
    """By half and by more than a millisecond a call makes a statement slower or faster; only calls between the two moments count."""
    for label, (calls, total) in (("before", (10, 100)), ("after", after)):
        live.rows(
            "INSERT INTO ops.performance_baseline (label, kind, subject, calls, total_ms, mean_ms)"
            " VALUES (%s, 'statement', 'q', %s, %s, %s::numeric / %s)",
            *(label, calls, total, total, calls),
        )
    assert compared(live, "before", "after") == {"q": expected}


def test_counters_that_were_reset_count_from_then(counting: Session):
    """After a reset of the statistics what they say is of the time since, and no negative number of calls."""
    for _ in range(3):
        counting.rows(LOOK)
    counting.rows("SELECT ops.take_performance_baseline('before')")
    counting.rows("SELECT stats.pg_stat_statements_reset()")
    counting.rows(LOOK)
    assert compared(counting, "before")[COUNTED][0] == 1


def test_what_sets_a_password_is_not_kept(counting: Session):
    """Statements that carry a password are left out, however the server counted them."""
    counting.rows("CREATE ROLE rently_test_secret LOGIN PASSWORD 'hunter2'")
    counting.rows("DO $$ BEGIN ALTER ROLE rently_test_secret PASSWORD 'hunter2'; END $$")
    counting.rows("DROP ROLE rently_test_secret")
    counting.rows("SELECT ops.take_performance_baseline('before')")
    assert counting.value("SELECT count(*) FROM ops.performance_baseline WHERE subject ~ 'hunter2|SECRET|_secret LOGIN'") == 0


def test_sizes_of_tables_are_compared(counting: Session):
    """A table that grew is told with the bytes it has more."""
    counting.rows("SELECT ops.take_performance_baseline('before')")
    counting.rows(
        "INSERT INTO ops.metric_history (metric_category, metric_name, status)"
        " SELECT 'c', repeat('m', 500), 's' FROM generate_series(1, 500)"
    )
    before, after, grown = counting.rows("SELECT * FROM ops.compare_table_sizes('before') WHERE table_name = 'ops.metric_history'")[0][1:]
    assert grown == after - before > 200_000
    counting.rows("SELECT ops.take_performance_baseline('after')")
    assert counting.rows("SELECT bytes_more > 200000 FROM ops.compare_table_sizes('before', 'after') LIMIT 1") == [(True,)]


def test_a_rollback_keeps_the_baseline(counting: Session, busy: URL):
    """A baseline of before a rollback is there again after the next upgrade."""
    counting.rows(LOOK)
    counting.rows("SELECT ops.take_performance_baseline('before')")
    kept = rows(busy, "SELECT * FROM ops.performance_baseline ORDER BY id")
    assert kept
    downgrade(busy)
    upgrade(busy)
    assert rows(busy, "SELECT * FROM ops.performance_baseline ORDER BY id") == kept


def test_without_statistics_one_row_says_so(live: Session):
    """Where pg_stat_statements is not at work the tables are measured all the same, and the comparison says what to do."""
    assert live.value("SELECT ops.take_performance_baseline('before')") == 0
    ((sentence, calls, *_, status),) = live.rows("SELECT * FROM ops.compare_performance_baseline('before')")
    assert (calls, status) == (0, "UNKNOWN")
    assert "run CREATE EXTENSION pg_stat_statements" in sentence
    assert live.value("SELECT count(*) FROM ops.compare_table_sizes('before') WHERE bytes_before > 0 AND table_name LIKE 'public.%%'") > 20


def test_installed_is_not_loaded(live: Session):
    """The extension without its library is no error either."""
    live.rows("CREATE EXTENSION pg_stat_statements SCHEMA public")
    assert live.value("SELECT ops.take_performance_baseline('before')") == 0
    assert live.value("SELECT count(*) FROM ops.get_performance_metrics()") > 5


@pytest.mark.parametrize("label", ["", "before", None])
def test_a_name_is_given_once(live: Session, label: str | None):
    """What was measured stays: a name that is taken, or none, is refused with the call that works."""
    live.rows("SELECT ops.take_performance_baseline('before')")
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match=r"Call ops.take_performance_baseline\('after the index of June'\)"):
        live.rows("SELECT ops.take_performance_baseline(%s)", label)


def test_an_unknown_baseline_is_said(live: Session):
    """A comparison with a baseline that is not there names those that are."""
    live.rows("SELECT ops.take_performance_baseline('june')")
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match=r"there is no baseline 'july'(.|\n)*There are: june"):
        live.rows("SELECT * FROM ops.compare_performance_baseline('june', 'july')")


@pytest.mark.parametrize("role", ["rently_ops", "rently_owner"])
def test_operators_may(live: Session, role: str):
    """Who operates takes baselines, compares them and asks the preflight, without rights on the tables below."""
    live.rows(f"SET LOCAL ROLE {role}")
    live.rows("SELECT ops.take_performance_baseline('mine')")
    assert live.rows("SELECT * FROM ops.compare_performance_baseline('mine')")
    assert live.value("SELECT kind FROM ops.run_pre_migration_validation()") == "nothing to check"


@pytest.mark.parametrize("call", ["ops.take_performance_baseline('x')", "ops.run_pre_migration_validation()"])
@pytest.mark.parametrize("role", ["rently_app", "rently_analyst", "rently_collections", "rently_readonly", "rently_auditor"])
def test_others_may_not(live: Session, role: str, call: str):
    """Nobody else does."""
    live.rows(f"SET LOCAL ROLE {role}")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        live.rows(f"SELECT * FROM {call}")
