"""Upkeep on demand: what is stale is analysed, what could be better is only said, and a second call finds nothing left to do."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import psycopg2.errors
import pytest
from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.server import Server, installed_server
from tests.analytics.live_book import Session, session
from tests.support.commands import rently_db
from tests.support.migrations import downgrade, rows, run_sql, upgrade

CALL = "SELECT area, object, finding, action, command FROM ops.optimize_analytics_performance()"
Row = tuple[str, str, str, str, str]
LIMIT = (
    "INSERT INTO ops.monitoring_config (key, value, description) VALUES ('{key}', '{value}', 'planted')"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


@pytest.fixture
def opened(own_url: URL) -> Iterator[Session]:
    """A session that commits each statement, on a copy of the book."""
    with session(own_url, autocommit=True) as connection:
        yield connection


def found(opened: Session, area: str) -> list[Row]:
    """What a call says of an area."""
    return [row for row in opened.rows(CALL) if row[0] == area]


def until(opened: Session, condition: str) -> None:
    """Wait until PostgreSQL's counters, which follow a moment later, say so."""
    deadline = time.monotonic() + 60
    while not opened.value(f"SELECT {condition}"):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)


def counter(table: str, what: str) -> str:
    """A counter of a table."""
    return f"(SELECT {what} FROM pg_stat_user_tables WHERE relid = '{table}'::regclass)"


def test_a_stale_table_is_analysed_and_that_is_said(own_url: URL, opened: Session) -> None:
    """A table of which much changed since its statistics were gathered gets new ones; one that stayed as it was is left alone."""
    queue = "analytics.loan_state_queue"
    run_sql(own_url, f"ALTER TABLE {queue} SET (autovacuum_enabled = false)", "ANALYZE")
    run_sql(own_url, f"INSERT INTO {queue} (loan_id) SELECT gen_random_uuid() FROM generate_series(1, 2000)")
    until(opened, counter(queue, "n_mod_since_analyze = 2000"))
    before = opened.value(f"SELECT {counter(queue, 'last_analyze')}")
    said = {row[1]: row for row in found(opened, "statistics")}
    assert said[queue][2].startswith("2000 changes to 2000 rows since ")
    assert said[queue][3:] == ("done", f"ANALYZE {queue}")
    assert "public.currency" not in said
    until(opened, counter(queue, f"n_mod_since_analyze = 0 AND last_analyze > '{before}'"))


def test_the_whole_of_a_partitioned_table_is_analysed(own_url: URL, opened: Session) -> None:
    """Autovacuum gathers statistics of partitions alone; those of the whole, by which readers' plans are made, are gathered here."""
    run_sql(
        own_url,
        "CREATE TABLE analytics.planted (x integer) PARTITION BY RANGE (x)",
        "CREATE TABLE analytics.planted_1 PARTITION OF analytics.planted FOR VALUES FROM (0) TO (100000)",
        "INSERT INTO analytics.planted SELECT generate_series(1, 5000)",
        "ANALYZE analytics.planted_1",
    )
    until(opened, counter("analytics.planted_1", "n_live_tup = 5000"))
    whole = "SELECT count(*) FROM pg_stats WHERE tablename = 'planted' AND inherited"
    assert opened.value(whole) == 0
    row = ("statistics", "analytics.planted", "never analysed as a whole", "done", "ANALYZE analytics.planted")
    assert row in found(opened, "statistics")
    assert opened.value(whole) == 1
    assert "analytics.planted" not in [row[1] for row in found(opened, "statistics")]


def test_columns_that_belong_together_get_statistics_once(own_url: URL, opened: Session) -> None:
    """The planner learns that entity, currency and product of a loan go together; nothing is doubled, a DBA's own statistics neither."""
    run_sql(own_url, "CREATE STATISTICS public.own (ndistinct, dependencies) ON currency_code, status, direction FROM public.payment")
    made = found(opened, "extended statistics")
    assert sorted(row[1] for row in made) == [
        "analytics.instalment_state", "analytics.loan_state", "public.loan", "public.loan_status_history",
    ]  # fmt: skip
    assert {row[3] for row in made} == {"done"}
    [command] = [row[4] for row in made if row[1] == "public.loan"]
    assert command == (
        "CREATE STATISTICS ops.st_loan_entity_product (ndistinct, dependencies)"
        " ON legal_entity_id, currency_code, product_id FROM public.loan"
    )
    filled = "SELECT count(*) FROM pg_stats_ext WHERE statistics_schemaname = 'ops' AND n_distinct IS NOT NULL"
    assert opened.value("SELECT count(*) FROM pg_statistic_ext") == 5
    if opened.connection.server_version >= 130000:
        assert opened.value(filled) > 0
    assert found(opened, "extended statistics") == []
    assert opened.value("SELECT count(*) FROM pg_statistic_ext") == 5


def test_a_second_call_finds_nothing_left_to_do(opened: Session) -> None:
    """What the first call did is done; what it advises it goes on advising."""
    first = opened.rows(CALL)
    assert {row[3] for row in first} == {"done", "advised"}
    until(opened, "NOT EXISTS (SELECT FROM ops.stale_statistics())")
    second = opened.rows(CALL)
    assert [row for row in second if row[3] == "done"] == []
    assert second == [row for row in first if row[3] == "advised"]


def test_a_duplicate_index_is_reported_and_not_dropped(own_url: URL, opened: Session) -> None:
    """Of two equal indexes the later is named; one that a key needs stays, even if it came later; near twins are none."""
    run_sql(
        own_url,
        "CREATE INDEX planted_a ON loan (start_date, end_date)",
        "CREATE INDEX planted_b ON loan (start_date, end_date)",
        "CREATE INDEX planted_c ON loan (start_date, end_date) WHERE status = 'active'",
        "CREATE INDEX planted_d ON loan (start_date, end_date DESC)",
        "CREATE TABLE analytics.planted (x integer NOT NULL)",
        "CREATE INDEX planted_plain ON analytics.planted (x)",
        "ALTER TABLE analytics.planted ADD PRIMARY KEY (x)",
    )
    assert sorted(found(opened, "duplicate index")) == [
        (
            "duplicate index", "analytics.planted_plain", "the same as analytics.planted_pkey", "advised",
            "DROP INDEX CONCURRENTLY analytics.planted_plain",
        ),
        ("duplicate index", "public.planted_b", "the same as public.planted_a", "advised", "DROP INDEX CONCURRENTLY public.planted_b"),
    ]  # fmt: skip
    assert opened.value("SELECT count(*) FROM pg_class WHERE relkind = 'i' AND relname LIKE 'planted%%'") == 6


def test_an_unused_index_is_reported_and_not_dropped(own_url: URL, opened: Session) -> None:
    """An index that nobody reads is named with its size; one that was read, guards a rule or serves a foreign key is not."""
    run_sql(
        own_url,
        LIMIT.format(key="unused_index_megabytes", value="0.1"),
        "CREATE TABLE analytics.planted (a integer, b integer, c integer UNIQUE, loan_id uuid REFERENCES loan)",
        "INSERT INTO analytics.planted SELECT g, g, g FROM generate_series(1, 20000) AS g",
        "CREATE INDEX planted_unused ON analytics.planted (a)",
        "CREATE INDEX planted_read ON analytics.planted (b)",
        "CREATE INDEX planted_key ON analytics.planted (loan_id)",
        "ANALYZE analytics.planted",
    )
    with session(own_url, autocommit=True) as reader:
        reader.rows("SET enable_seqscan = off")
        assert reader.rows("SELECT a FROM analytics.planted WHERE b = 7") == [(7,)]
    until(opened, "(SELECT idx_scan > 0 FROM pg_stat_user_indexes WHERE indexrelname = 'planted_read')")
    [row] = [row for row in found(opened, "unused index") if "planted" in row[1]]
    assert row[1] == "analytics.planted_unused"
    assert "kB, not read since" in row[2]
    assert row[3:] == ("advised", "-- if it is not read on a replica either: DROP INDEX CONCURRENTLY analytics.planted_unused")
    assert opened.value("SELECT to_regclass('analytics.planted_unused') IS NOT NULL")


def test_a_foreign_key_without_index_is_reported_with_the_index_it_lacks(own_url: URL, opened: Session) -> None:
    """The command that the advice gives mends it, and then nothing is said any more."""
    assert found(opened, "missing index") == []
    run_sql(own_url, "CREATE TABLE planted (id uuid PRIMARY KEY, loan_id uuid CONSTRAINT planted_fk REFERENCES loan)")
    [row] = found(opened, "missing index")
    assert row[1:] == (
        "public.planted planted_fk", "no index begins with the columns of this foreign key", "advised",
        "CREATE INDEX CONCURRENTLY ON public.planted (loan_id)",
    )  # fmt: skip
    opened.rows(row[4])
    assert found(opened, "missing index") == []


def test_operators_may_call_it_and_readers_may_not(own_url: URL, opened: Session) -> None:
    """It works with the owner's rights for a member of rently_ops, who could not analyse a table of money himself."""
    opened.rows("SET ROLE rently_ops")
    assert {row[0] for row in opened.rows(CALL)} >= {"extended statistics"}
    opened.rows("SET ROLE rently_readonly")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        opened.rows(CALL)


def test_the_way_back_takes_the_statistics_along(own_url: URL) -> None:
    """v0 is as it was, though statistics on its tables were created meanwhile; a check for differences does not stumble over them."""
    run_sql(own_url, CALL)
    checked = rently_db(own_url, "drift")
    assert checked.code == 0, checked.text
    downgrade(own_url)
    assert rows(own_url, "SELECT stxname FROM pg_statistic_ext") == []


@pytest.fixture(scope="module")
def watched() -> Iterator[URL]:
    """An empty database at head on a server that keeps statements' times, migrated by a role that is no superuser."""
    wanted = os.environ.get("RENTLY_TEST_PG")
    with Server(installed_server(wanted) if wanted else None, settings={"shared_preload_libraries": "pg_stat_statements"}) as server:
        admin = parse_url(server.url())
        run_sql(admin, "CREATE ROLE rently_test_owner LOGIN CREATEROLE", "CREATE DATABASE watched OWNER rently_test_owner")
        database = admin.set(database="watched")
        # On 12 no extension is trusted: a superuser creates what v1 needs.
        old = int(rows(database, "SHOW server_version_num")[0][0]) < 130000
        run_sql(database, "ALTER SCHEMA public OWNER TO rently_test_owner")
        run_sql(database, *(f"CREATE EXTENSION {name}" for name in ("btree_gist", "pgcrypto") if old))
        upgrade(database.set(username="rently_test_owner"))
        yield database


def test_a_view_slower_than_its_tier_is_reported(watched: URL) -> None:
    """Readers' times count, a refresh's do not; an owner who may not see them is told so instead of that all is well."""
    with session(watched, autocommit=True) as opened:
        opened.rows(CALL)
        assert [row[1:3] for row in found(opened, "slow view")] == [
            ("pg_stat_statements", "pg_stat_statements is not installed in this database: slow views are not seen")
        ]
        opened.rows("CREATE EXTENSION pg_stat_statements")
        for _ in range(6):
            opened.rows("SELECT * FROM analytics.v_loan_balance")
            opened.rows("/* nightly */ WITH one AS (SELECT * FROM analytics.v_promise_to_pay_performance) SELECT * FROM one")
            opened.rows("REFRESH MATERIALIZED VIEW analytics.mv_receipt")
        [blind] = found(opened, "slow view")
        assert (blind[1], blind[4]) == ("pg_stat_statements", "GRANT pg_read_all_stats TO rently_test_owner")
        opened.rows(blind[4])
        assert found(opened, "slow view") == []
        opened.rows(LIMIT.format(key="dashboard_milliseconds", value="0.001"))
        opened.rows(LIMIT.format(key="report_milliseconds", value="0.001"))
        said = {row[1]: row for row in found(opened, "slow view")}
        assert "analytics.mv_receipt" not in said
        tier = opened.value("SELECT performance_tier FROM analytics.view_catalogue WHERE view_name = 'v_loan_balance'")
        assert said["analytics.v_loan_balance"][2].endswith(f"ms in the mean of 6 calls, tier {tier} allows 0.001")
        assert said["analytics.v_loan_balance"][3:] == ("advised", "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM analytics.v_loan_balance")
        assert "analytics.v_promise_to_pay_performance" in said


def test_an_extension_that_is_not_loaded_is_no_error(own_url: URL, opened: Session) -> None:
    """Where pg_stat_statements is created and the server does not load it, performance is told all the same, as unknown."""
    run_sql(own_url, "CREATE EXTENSION pg_stat_statements")
    assert opened.value("SELECT count(*) FROM ops.slow_statements(0, 0)") == 0
    assert opened.value("SELECT status FROM ops.get_performance_metrics() WHERE metric_name = 'mean time of a statement'") == "UNKNOWN"
    assert opened.rows(CALL)
