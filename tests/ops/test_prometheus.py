"""The query files for exporters: both say the same, queries give what the files declare, and an exporter sees no row of the business."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2.errors
import pytest
import yaml
from sqlalchemy import URL

from rently_db.prometheus import FILES, render, write_files
from tests.analytics.live_book import Session, session
from tests.support.commands import rently_db
from tests.support.migrations import HEAD, rows, run_sql

SUFFIX_OF_NO_GAUGE = ("_total", "_count", "_sum", "_bucket")
UNITS_BESIDES_THE_BASE = re.compile(r"_(ms|millis|milliseconds|minutes|hours|days|percent|pct|kb|mb|megabytes)(_|$)")


@dataclass(frozen=True)
class Metric:
    """A metric as an exporter shows it."""

    name: str
    kind: str
    labels: frozenset[str]
    help: str


@dataclass(frozen=True)
class Asked:
    """A query of a file, and the columns that the file says it gives."""

    sql: str
    labels: frozenset[str]
    values: frozenset[str]


def _parsed(name: str) -> Any:
    path = next(path for path, _ in render.files() if path.name == name)
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _of_postgres_exporter() -> tuple[set[Metric], dict[str, Asked]]:
    metrics, queries = set(), {}
    for name, query in _parsed("queries.yaml").items():
        assert set(query) <= {"query", "metrics", "cache_seconds"}
        columns = {column: said for entry in query["metrics"] for column, said in entry.items()}
        assert all(set(said) == {"usage", "description"} for said in columns.values())
        labels = frozenset(column for column, said in columns.items() if said["usage"] == "LABEL")
        for column in columns.keys() - labels:
            kind = columns[column]["usage"].lower()
            metrics.add(Metric(f"{name}_{column}", kind, labels, columns[column]["description"]))
        queries[name] = Asked(query["query"], labels, frozenset(columns) - labels)
    return metrics, queries


def _of_sql_exporter() -> tuple[set[Metric], dict[str, Asked]]:
    metrics, queries = set(), {}
    for file in ("rently.collector.yml", "rently_slow.collector.yml"):
        collector = _parsed(file)
        assert set(collector) - {"min_interval"} == {"collector_name", "metrics", "queries"}
        assert collector["collector_name"] == file.removesuffix(".collector.yml")
        said = {query["query_name"]: query["query"] for query in collector["queries"]}
        used: dict[str, list[dict[str, Any]]] = {}
        for metric in collector["metrics"]:
            assert set(metric) - {"key_labels"} == {"metric_name", "type", "help", "values", "query_ref"}
            # With more than one a value_label would be needed.
            assert len(metric["values"]) == 1
            metrics.add(Metric(metric["metric_name"], metric["type"], frozenset(metric.get("key_labels", ())), metric["help"]))
            used.setdefault(metric["query_ref"], []).append(metric)
        assert set(used) == set(said)
        for name, of in used.items():
            [labels] = {frozenset(metric.get("key_labels", ())) for metric in of}
            queries[name] = Asked(said[name], labels, frozenset(metric["values"][0] for metric in of))
    return metrics, queries


METRICS, QUERIES = _of_postgres_exporter()


def test_the_committed_files_are_what_the_table_renders() -> None:
    """What users take is what the table of metrics says."""
    for path, text in render.files():
        assert path.read_text(encoding="utf-8") == text, "run python -m rently_db.prometheus.render"


def test_both_exporters_show_the_same() -> None:
    """A dashboard does not care by which of the two its figures come: names, types, labels, help and queries are equal."""
    metrics, queries = _of_sql_exporter()
    assert metrics == METRICS
    assert {name: (asked.sql.strip(), asked.labels, asked.values) for name, asked in queries.items()} == {
        name: (asked.sql.strip(), asked.labels, asked.values) for name, asked in QUERIES.items()
    }
    assert len({metric.name for metric in METRICS}) == len(METRICS) > 15


@pytest.mark.parametrize("metric", sorted(METRICS, key=lambda metric: metric.name), ids=lambda metric: metric.name)
def test_names_are_as_prometheus_wants_them(metric: Metric) -> None:
    """A prefix of ours, base units, _total for counters and for nothing else; labels do not hide the exporter's own."""
    assert re.fullmatch(r"rently(_[a-z]+)+", metric.name)
    assert metric.kind in {"gauge", "counter"}
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.kind == "counter" or not metric.name.endswith(SUFFIX_OF_NO_GAUGE)
    assert not UNITS_BESIDES_THE_BASE.search(metric.name)
    assert all(re.fullmatch(r"[a-z][a-z_]*", label) for label in metric.labels)
    assert not metric.labels & {"job", "instance", "server", "target", "le", "quantile"}
    assert metric.help


@pytest.fixture
def reader(own_url: URL) -> Iterator[Session]:
    """An exporter at work on a copy of the book, a member of rently_monitor and of nothing else."""
    run_sql(own_url, "CREATE ROLE rently_test_exporter LOGIN PASSWORD 'x' IN ROLE rently_monitor")
    try:
        with session(own_url.set(username="rently_test_exporter", password="x"), autocommit=True) as opened:
            yield opened
    finally:
        run_sql(own_url, "DROP ROLE rently_test_exporter")


def values(reader: Session, query: str, column: str) -> dict[Any, float]:
    """A metric: its values by label, or by labels in the order of the query."""
    with reader.connection.cursor() as cursor:
        cursor.execute(QUERIES[query].sql)
        names = [item.name for item in cursor.description or ()]
        found: dict[Any, float] = {}
        for row in cursor.fetchall():
            labels = tuple(row[names.index(name)] for name in names if name in QUERIES[query].labels)
            found[labels[0] if len(labels) == 1 else labels] = row[names.index(column)]
    return found


def test_each_query_gives_what_its_file_declares(own_url: URL, reader: Session) -> None:
    """As an exporter runs them, before anything was validated and after: columns as declared, numbers, and no label set twice."""
    for prepared in ("SELECT 1", "SELECT ops.run_all_validations()"):
        run_sql(own_url, prepared)
        for name, asked in QUERIES.items():
            with reader.connection.cursor() as cursor:
                cursor.execute(asked.sql)
                columns = [item.name for item in cursor.description or ()]
                found = cursor.fetchall()
            assert sorted(columns) == sorted(asked.labels | asked.values), name
            assert found or (name, prepared) == ("rently_validation_rule", "SELECT 1")
            labels = [tuple(value for value, column in zip(row, columns, strict=True) if column in asked.labels) for row in found]
            assert len(set(labels)) == len(labels), name
            assert all(isinstance(value, str) and value for row in labels for value in row), name
            numbers = [value for row in found for value, column in zip(row, columns, strict=True) if column in asked.values]
            assert all(isinstance(value, float) for value in numbers), name


def test_figures_say_what_is_the_matter(own_url: URL, reader: Session) -> None:
    """An open incident, a rule that fails, waiting loans and a stale view show in the metric of that name."""
    assert set(values(reader, "rently_incidents", "open").values()) == {0.0}
    assert math.isnan(values(reader, "rently_validation_last_run", "age_seconds")[()])
    [(rules,)] = rows(own_url, "SELECT count(*) FROM ops.rule_catalogue WHERE 'validation' = ANY(tags)")
    assert values(reader, "rently_validation", "rules") == {"PASS": 0, "FAIL": 0, "WARNING": 0, "INFO": 0, "NEVER": rules}
    run_sql(
        own_url,
        "INSERT INTO ops.alert_history (rule_name, severity, message, raised_at) VALUES"
        " ('stale_analytics', 'high', 'x', now() - interval '1 hour'), ('gone', 'low', 'x', now())",
        "UPDATE loan SET interest_rate = 7 WHERE id IN (SELECT id FROM loan ORDER BY id LIMIT 3)",
        "DELETE FROM analytics.loan_state_queue",
        "INSERT INTO analytics.loan_state_queue (loan_id, enqueued_at) SELECT id, now() - interval '10 minutes' FROM loan LIMIT 4",
        "SELECT ops.run_all_validations()",
        "INSERT INTO analytics.refresh_log (view_name, started_at, seconds, was_concurrent, ok)"
        " SELECT view_name, now() - CASE view_name WHEN 'mv_receipt' THEN interval '5 hours' ELSE '0' END, 1, true, true"
        " FROM analytics.refresh_order",
        "ANALYZE",
    )
    incidents = values(reader, "rently_incidents", "open")
    assert {key: number for key, number in incidents.items() if number} == {("stale_analytics", "high"): 1, ("gone", "low"): 1}
    assert values(reader, "rently_incidents", "oldest_seconds")["stale_analytics", "high"] >= 3600
    assert values(reader, "rently_validation_rule", "violations")["interest_rate_range"] == 3
    assert values(reader, "rently_validation", "rules")["FAIL"] == values(reader, "rently_validation_run", "checks")["FAIL"] == 1
    assert values(reader, "rently_validation", "rules")["NEVER"] == 0
    assert values(reader, "rently_validation_last_run", "age_seconds")[()] >= 0
    assert values(reader, "rently_queue", "notes") == {(): 4}
    assert values(reader, "rently_queue", "oldest_seconds")[()] >= 600
    assert values(reader, "rently_health", "status")["analytics", "oldest note, seconds"] == 2
    assert values(reader, "rently_health", "value")["analytics", "notes in the queue"] == 4
    assert values(reader, "rently_health", "value")["storage", "size of the database, MB"] > 10
    [(tier,)] = rows(own_url, "SELECT performance_tier FROM analytics.view_catalogue WHERE view_name = 'mv_receipt'")
    ages = values(reader, "rently_refresh", "oldest_seconds")
    assert ages[tier] >= 5 * 3600
    assert all(age < 3600 for other, age in ages.items() if other != tier)
    assert values(reader, "rently_migration", "info") == {HEAD: 1}
    assert values(reader, "rently_data_quality", "issues")["loan"] == 3


def test_quality_is_told_to_who_may_not_read_the_tables(own_url: URL, reader: Session) -> None:
    """Completeness comes from statistics that PostgreSQL shows to readers of a table alone: an exporter gets it all the same."""
    run_sql(own_url, "ANALYZE")
    ratios = values(reader, "rently_data_quality", "completeness_ratio")
    assert ratios["amortisation_line"] == 1
    assert 0 < ratios["party"] < 1


def test_the_audit_is_counted_and_not_read(own_url: URL, reader: Session) -> None:
    """Its entries are counted by partition, from PostgreSQL's counters: a scrape does not read a table that grows for ever."""
    run_sql(own_url, "UPDATE loan SET interest_rate = interest_rate + 0.0001")
    [(entries,)] = rows(own_url, "SELECT count(*) FROM ops.audit_log")
    [(partitions,)] = rows(own_url, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'ops.audit_log'::regclass")
    deadline = time.monotonic() + 60
    while sum(values(reader, "rently_audit", "rows").values()) != entries:
        assert time.monotonic() < deadline, values(reader, "rently_audit", "rows")
        # A session hands in what it counted some time after its end; if that comes after ANALYZE, its rows count twice until the next.
        run_sql(own_url, "ANALYZE ops.audit_log")
        time.sleep(0.1)
    written = values(reader, "rently_audit", "written_total")
    assert len(written) == partitions
    assert sum(written.values()) >= 60
    assert all(size > 0 for size in values(reader, "rently_audit", "size_bytes").values())
    assert "ops.audit_log" not in QUERIES["rently_audit"].sql


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM loan",
        "SELECT * FROM party",
        "SELECT * FROM analytics.loan_state",
        "SELECT * FROM analytics.v_portfolio_at_risk",
        "SELECT * FROM ops.audit_log",
        "SELECT details FROM ops.data_validation_log",
        "SELECT message FROM ops.alert_history",
        "SELECT loan_id FROM analytics.loan_state_queue",
        "SELECT ops.run_all_validations()",
        "UPDATE ops.alert_rules SET is_active = false",
    ],
)
def test_an_exporter_sees_no_row_of_the_business(live: Session, statement: str) -> None:
    """Whoever takes over the machine of the monitoring learns of no borrower and no loan, and changes nothing."""
    live.rows("SET LOCAL ROLE rently_monitor")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        live.rows(statement)


def test_the_command_writes_the_files(tmp_path: Any) -> None:
    """Users of an installed package get the files without looking for them; a place that can't be written to is one sentence."""
    said = rently_db(None, "prometheus", str(tmp_path / "exporters"))
    assert said.code == 0
    assert said.stdout.split() == [str(tmp_path / "exporters" / name) for name in FILES]
    for path, text in render.files():
        assert (tmp_path / "exporters" / path.name).read_text(encoding="utf-8") == text
    (tmp_path / "file").touch()
    refused = rently_db(None, "prometheus", str(tmp_path / "file"))
    assert (refused.code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"rently-db: {tmp_path / 'file'} can't be written to:")
    assert len(write_files(tmp_path)) == 3
