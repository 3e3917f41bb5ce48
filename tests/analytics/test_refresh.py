"""The refresh of what is materialized: its order, its log, what it does when one view fails, and that readers go on reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg2.errors
import pytest
from sqlalchemy import URL

from rently_db.sql.catalog import LIVE, load_catalogue
from rently_db.sql.view_dependencies import COMMAND, catalogue_file, catalogue_sql, main
from tests.analytics.live_book import Session, session

KEPT_WITHOUT_PREFIX = ("active_payment_instruments", "current_loan_status", "loan_portfolio_summary")
CACHES = (
    "mv_current_loan_status_cache", "mv_payment_summary_cache", "mv_current_loan_status_realtime", "mv_portfolio_summary_realtime",
    "mv_payment_summary_detailed", "mv_collections_summary_detailed", "mv_ml_features_cache",
)  # fmt: skip
REFRESH = "SELECT view_name, ok, seconds, rows, error FROM analytics.refresh_all_materialized_views(%s)"
LIVE_ENTITIES = [entity for entity in load_catalogue() if entity.schema == "analytics"]


@pytest.fixture
def head(head_url: URL) -> Iterator[Session]:
    """It, in a transaction that is rolled back."""
    with session(head_url) as opened:
        yield opened


def test_every_materialized_view_is_refreshed_after_what_it_reads(head: Session) -> None:
    """One run refreshes each of them once, beside its readers, and none before one that it is built on."""
    order = [row[0] for row in head.rows(REFRESH, None)]
    assert sorted(order) == sorted(e.name for e in LIVE_ENTITIES if e.kind == "matview")
    reached = head.rows(
        "WITH RECURSIVE reach AS (SELECT relation, used FROM analytics.relation_use UNION"
        " SELECT r.relation, u.used FROM reach AS r JOIN analytics.relation_use AS u ON u.relation = r.used)"
        " SELECT a.relname, b.relname FROM reach AS r JOIN pg_class AS a ON a.oid = r.relation AND a.relkind = 'm'"
        " JOIN pg_class AS b ON b.oid = r.used AND b.relkind = 'm'"
    )
    assert reached
    assert all(order.index(used) < order.index(view) for view, used in reached)
    assert head.rows("SELECT view_name FROM analytics.refresh_log WHERE NOT (ok AND was_concurrent)") == []
    assert head.column("SELECT view_name FROM analytics.refresh_log ORDER BY id") == order


def test_only_some_frequencies_may_be_asked_for(head: Session) -> None:
    """The run of every quarter of an hour leaves the daily views alone."""
    refreshed = {row[0] for row in head.rows(REFRESH, ["quarter_hour"])}
    assert refreshed == {e.name for e in LIVE_ENTITIES if e.kind == "matview" and e.header.refresh == "quarter_hour"}
    assert refreshed


def test_one_view_that_fails_does_not_stop_the_others(head: Session) -> None:
    """Its error is returned and logged, its old rows stay, the other views are refreshed."""
    head.rows("CREATE TABLE analytics.divisor (x integer)")
    head.rows("INSERT INTO analytics.divisor VALUES (1)")
    head.rows("CREATE MATERIALIZED VIEW analytics.mv_a_broken AS SELECT 1 / d.x AS y FROM analytics.divisor AS d")
    head.rows("CREATE UNIQUE INDEX mv_a_broken_key ON analytics.mv_a_broken (y)")
    head.rows("UPDATE analytics.divisor SET x = 0")
    first, *others = head.rows(REFRESH, None)
    assert (first[0], first[1], first[3], first[4]) == ("mv_a_broken", False, None, "division by zero")
    assert others
    assert all(row[1] for row in others)
    assert head.rows("SELECT view_name, error FROM analytics.refresh_log WHERE NOT ok") == [("mv_a_broken", "division by zero")]
    assert head.rows("SELECT y FROM analytics.mv_a_broken") == [(1,)]


def test_a_view_that_would_shut_readers_out_is_not_refreshed(head: Session) -> None:
    """Without a unique index a refresh needs the view alone: it is refused, with the reason."""
    head.rows("DROP INDEX analytics.mv_product_glp_key")
    [error] = [row[4] for row in head.rows(REFRESH, ["daily"]) if row[0] == "mv_product_glp"]
    assert "no unique index" in error


def test_a_view_that_was_never_filled_is_filled(head: Session) -> None:
    """What was created without rows has no readers yet: its first refresh fills it."""
    head.rows("REFRESH MATERIALIZED VIEW analytics.mv_product_glp WITH NO DATA")
    head.rows(REFRESH, ["daily"])
    assert head.rows("SELECT * FROM analytics.mv_product_glp") == []
    assert head.rows("SELECT ok, was_concurrent FROM analytics.refresh_log WHERE view_name = 'mv_product_glp'") == [(True, False)]


def test_readers_and_a_run_do_not_wait_for_each_other(head_url: URL) -> None:
    """Who reads does not hold up a run, and during a run everything can be read; a second run is refused at once."""
    with session(head_url) as reader, session(head_url) as runner, session(head_url) as second:
        views = [e.name for e in LIVE_ENTITIES if e.kind == "matview"]
        for opened in (reader, runner, second):
            opened.rows("SET lock_timeout = '5s'")
        for view in views:
            reader.rows(f"SELECT 1 FROM analytics.{view}")
        assert all(row[1] for row in runner.rows(REFRESH, None))
        for view in views:
            reader.rows(f"SELECT 1 FROM analytics.{view}")
        with pytest.raises(psycopg2.errors.LockNotAvailable, match="another run"):
            second.rows(REFRESH, None)
        # Closing alone ends a transaction some time later.
        runner.connection.rollback()


def test_old_attempts_are_forgotten(head: Session) -> None:
    """The log keeps as many days as its setting says."""
    head.rows(
        "INSERT INTO analytics.refresh_log (view_name, started_at, seconds, was_concurrent, ok)"
        " SELECT 'old', now() - make_interval(days => d), 1, true, true FROM generate_series(89, 91) AS d"
    )
    head.rows(REFRESH, ["live"])
    assert head.value("SELECT count(*) FROM analytics.refresh_log WHERE view_name = 'old'") == 1


def test_all_views_are_found_without_their_schema(head: Session) -> None:
    """Other software names the views of the dashboards, 64 from the beginning, and the caches without a schema."""
    names = [e.name for e in LIVE_ENTITIES if e.kind == "view" and (e.name.startswith("v_") or e.name in KEPT_WITHOUT_PREFIX)]
    assert len(names) >= 64
    head.rows("SET LOCAL search_path = public, analytics, ops")
    for name in (*names, *CACHES, "view_dependencies"):
        head.rows(f"SELECT * FROM {name} LIMIT 0")


def test_the_catalogue_tells_what_each_view_is_built_on(head: Session) -> None:
    """Every view is listed with the tables that it reads in the end, how old it may be, its tier and its owner."""
    rows = {row[0]: row[1:] for row in head.rows(
        "SELECT view_name, base_tables, refresh_frequency, performance_tier, business_owner, is_materialized, description"
        " FROM analytics.view_dependencies"
    )}  # fmt: skip
    views = [e for e in LIVE_ENTITIES if e.kind in {"view", "matview"} and e.name != "view_catalogue"]
    for entity in views:
        found = rows[entity.name]
        header = entity.header
        assert found[1:] == (header.refresh, header.tier, header.owner, entity.kind == "matview", header.description)
    assert rows["current_loan_status"][0] == ["loan_status_history"]
    assert rows["mv_current_loan_status_cache"][0] == ["loan_status_history"]
    stage_migration = rows["v_stage_migration"][0]
    assert {"provision_rate", "classification_rule", "security_interest", "analytics.loan_daily_snapshot"} <= set(stage_migration)
    assert stage_migration == sorted(stage_migration, key=lambda name: ("." in name, name))


def test_the_generated_catalogue_is_current() -> None:
    """The catalogue in the database says what the headers say today."""
    assert catalogue_file().read_text(encoding="utf-8") == catalogue_sql(LIVE_ENTITIES), f"run {COMMAND}"


def test_a_stale_catalogue_is_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The check names the command that writes the file; the command writes it."""
    stale = tmp_path / "view_catalogue.sql"
    stale.write_text("old", encoding="utf-8")
    monkeypatch.setattr("rently_db.sql.view_dependencies.catalogue_file", lambda: stale)
    assert main(["--check"]) == 1
    assert COMMAND in capsys.readouterr().err
    assert (main([]), main(["--check"])) == (0, 0)
    assert stale.read_text(encoding="utf-8") == catalogue_file(LIVE).read_text(encoding="utf-8")
