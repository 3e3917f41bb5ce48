"""What run-due does for the operations: partitions of the audit ahead, logs cleaned up, metrics recorded, and a task that fails told."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import URL

from tests.analytics.live_book import session
from tests.support.commands import rently_db
from tests.support.migrations import rows, run_sql

MINE = "UPDATE analytics.due_task SET is_active = name = '{task}', last_run = NULL"
STATE = "SELECT last_ok IS NOT NULL AND last_ok >= last_run, last_result, last_error FROM analytics.due_task WHERE name = %s"
PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ops.audit_log'::regclass ORDER BY 1"


def lose_a_month(url: URL) -> str:
    """Take away the last partition made ahead, as if a month had begun since; its name."""
    month = "date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months'"
    [(name,)] = rows(url, f"SELECT 'ops.audit_log_' || to_char({month}, 'YYYY_MM')")
    run_sql(url, f"DROP TABLE {name}")
    return str(name)


def due(url: URL, task: str) -> list[dict[str, object]]:
    """Let this task alone be due, and call run-due as cron does; what it says, line by line."""
    run_sql(url, MINE.format(task=task))
    done = rently_db(url, "run-due", "--once", "--json")
    assert (done.code, done.stderr) == (0, ""), done.text
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("task", ["make audit partitions", "clean up logs", "record metrics", "evaluate alerts", "validate"])
def test_the_schedule_has_the_task(own_url: URL, task: str) -> None:
    """Whoever starts run-due need not ask for it; daily work stays daily, and none may run for ever."""
    [(active, limited, every)] = rows(
        own_url, f"SELECT is_active, time_limit IS NOT NULL, every::text FROM analytics.due_task WHERE name = '{task}'"
    )
    assert (active, limited) == (True, True)
    assert every == {"record metrics": "00:15:00", "evaluate alerts": "00:00:30"}.get(task, "1 day")


def test_partitions_of_the_audit_are_made_ahead(own_url: URL) -> None:
    """Each day the partitions of two months ahead are there: an entry of the next month never falls into the one for the rest."""
    month = lose_a_month(own_url)
    with session(own_url, autocommit=True) as opened:
        before = opened.column(PARTITIONS)
        [line] = due(own_url, "make audit partitions")
        assert (line["task"], line["result"]) == ("make audit partitions", 1)
        assert sorted(set(opened.column(PARTITIONS)) - set(before)) == [month]
        opened.rows(
            "INSERT INTO ops.audit_log (id, changed_at, actor, db_user, transaction_id, table_name, action)"
            " SELECT public.uuidv7(), date_trunc('month', now()) + interval '2 months 3 days', 'x', 'x', 1, 'loan', 'TRUNCATE'"
        )
        assert opened.value(f"SELECT count(*) FROM {month}") == 1
        assert due(own_url, "make audit partitions") == []
        assert opened.rows(STATE, "make audit partitions") == [(True, 0, None)]


def test_a_month_that_can_not_be_made_is_told(own_url: URL) -> None:
    """Entries that stand in the partition for the rest keep their month from being made: cron is told so, and nothing is lost."""
    lose_a_month(own_url)
    run_sql(
        own_url,
        "INSERT INTO ops.audit_log (id, changed_at, actor, db_user, transaction_id, table_name, action)"
        " SELECT public.uuidv7(), date_trunc('month', now()) + interval '2 months 3 days', 'x', 'x', 1, 'loan', 'TRUNCATE'",
        MINE.format(task="make audit partitions"),
    )
    done = rently_db(own_url, "run-due", "--once")
    assert done.code == 1
    assert "stand in ops.audit_log_other, and stay there" in done.stdout
    assert rows(own_url, "SELECT count(*) FROM ops.audit_log_other") == [(1,)]
    [(said,)] = rows(own_url, "SELECT last_error FROM analytics.due_task WHERE name = 'make audit partitions'")
    assert "audit_log_other" in said


def test_logs_are_cleaned_up_as_the_setting_says(own_url: URL) -> None:
    """Results, runs, incidents that ended and metrics go when they are older than log_retention_days; what is open or younger stays."""
    run_sql(
        own_url,
        "DELETE FROM ops.metric_history",
        "INSERT INTO ops.monitoring_config (key, value, description) VALUES ('log_retention_days', '30', 'x')"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        "INSERT INTO ops.validation_run (asked, started_at) SELECT 'all', now() - d FROM unnest('{29 days, 31 days}'::interval[]) AS d",
        "INSERT INTO ops.data_validation_log (run_id, validation_type, validation_name, table_name, validation_status, violation_count,"
        " validation_message, seconds, validation_time) SELECT id, 'INTEGRITY', 'x', 'loan', 'PASS', 0, 'x', 0, started_at"
        " FROM ops.validation_run",
        "INSERT INTO ops.alert_history (rule_name, severity, message, raised_at, resolved_at) VALUES ('old', 'low', 'x', '2020-01-01',"
        " now() - interval '31 days'), ('late', 'low', 'x', '2020-01-01', now() - interval '29 days'),"
        " ('open', 'low', 'x', '2020-01-01', NULL)",
        "INSERT INTO ops.metric_history (measured_at, metric_category, metric_name, value, status)"
        " SELECT now() - d, 'a', 'm', 1, 'HEALTHY' FROM unnest('{29 days, 31 days}'::interval[]) AS d",
    )
    [line] = due(own_url, "clean up logs")
    assert (line["task"], line["result"], line["error"]) == ("clean up logs", 4, None)
    with session(own_url) as opened:
        assert opened.column("SELECT rule_name FROM ops.alert_history WHERE rule_name IN ('old', 'late', 'open') ORDER BY 1") == [
            "late",
            "open",
        ]
        for table, at in (("validation_run", "started_at"), ("data_validation_log", "validation_time"), ("metric_history", "measured_at")):
            assert opened.rows(f"SELECT count(*), min({at}) > now() - interval '30 days' FROM ops.{table}") == [(1, True)], table
    assert due(own_url, "clean up logs") == []


def test_metrics_are_recorded_with_their_moment(own_url: URL) -> None:
    """Every figure of health and performance is kept, so that trends have something to compare; a second round adds as many."""
    run_sql(own_url, "DELETE FROM ops.metric_history")
    with session(own_url, autocommit=True) as opened:
        expected = opened.value(
            "SELECT (SELECT count(*) FROM ops.get_system_health_overview()) + (SELECT count(*) FROM ops.get_performance_metrics())"
        )
        [line] = due(own_url, "record metrics")
        assert line["result"] == expected > 20
        assert opened.value("SELECT count(*) FROM ops.metric_history WHERE measured_at > now() - interval '5 minutes'") == expected
        [(megabytes, actual)] = opened.rows(
            "SELECT value, pg_database_size(current_database()) / 1048576.0 FROM ops.metric_history"
            " WHERE metric_name = 'size of the database, MB'"
        )
        # The unit stays when a database outgrows it: pg_size_pretty would let 10,239 MB be followed by 10 GB.
        assert abs(megabytes - actual) < 50
        due(own_url, "record metrics")
        assert opened.value("SELECT min(measurements) FROM ops.get_trending_metrics()") == 2
