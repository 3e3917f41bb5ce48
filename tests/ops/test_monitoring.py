"""Health, performance, quality and trends: what the calls give, and that they say what is wrong."""

from __future__ import annotations

import pytest
from sqlalchemy import URL

from tests.analytics.live_book import Session, session
from tests.support.migrations import downgrade, rows, run_sql, upgrade

COLUMNS = {
    "ops.run_all_validations()": "validation_summary, total_checks, passed_checks, failed_checks, warning_checks, info_checks",
    "ops.check_critical_data_issues()": "issue_category, issue_description, severity, affected_records, recommended_action",
    "ops.get_validation_health_status()": "metric_name, metric_value, status",
    "ops.run_all_tests()": "test_category, test_name, test_status, test_message, execution_duration",
    "ops.get_system_health_overview()": "metric_category, metric_name, current_value, status, last_updated",
    "ops.get_data_quality_metrics()": "table_name, total_records, completeness_score, quality_issues, last_validated",
    "ops.get_performance_metrics()": "metric_name, current_value, unit, status, benchmark",
}
"""Function -> its columns, as other software reads them."""
LOG = (
    "validation_type, validation_name, table_name, column_name, validation_status, record_count, violation_count, validation_message,"
    " details, validation_time"
)
CALLS = (
    "ops.evaluate_alert_rules()", "ops.get_active_alerts_summary()", "ops.get_trending_metrics()", "ops.cleanup_validation_logs(30)",
    "ops.generate_validation_report(24)", "ops.initialize_monitoring_system()", "ops.setup_automated_testing_schedules()",
    "ops.optimize_analytics_performance()", "ops.run_post_migration_validation()", "ops.emergency_rollback_script()",
    "ops.emergency_rollback_to_v0()", "analytics.refresh_all_materialized_views()",
)  # fmt: skip
"""What the guide calls besides."""


@pytest.mark.parametrize("call", COLUMNS)
def test_a_call_has_the_columns_of_its_contract(live: Session, call: str) -> None:
    """Names and order are what other software reads."""
    with live.connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {call}")
        assert [column.name for column in cursor.description or ()] == COLUMNS[call].split(", ")


@pytest.mark.parametrize("call", CALLS)
def test_a_call_of_the_guide_answers(live: Session, call: str) -> None:
    """Every function that the deployment guide names exists and gives rows, without its schema too."""
    live.rows("SELECT ops.run_all_validations()")
    assert live.rows(f"SELECT * FROM {call}") or call == "ops.get_active_alerts_summary()"
    live.rows("SET LOCAL search_path = public, analytics, ops")
    live.rows(f"SELECT * FROM {call.partition('.')[2]}")


def test_the_log_has_the_columns_of_its_contract(live: Session) -> None:
    """data_validation_log is read by name."""
    live.rows("SELECT ops.run_all_validations()")
    assert live.rows(f"SELECT {LOG} FROM ops.data_validation_log LIMIT 1")


def status(live: Session, category: str, metric: str) -> tuple[str, str]:
    """Value and status of a metric of the health overview."""
    [row] = live.rows(
        "SELECT current_value, status FROM ops.get_system_health_overview() WHERE metric_category = %s AND metric_name LIKE %s",
        category,
        metric,
    )
    return row


def test_what_is_wrong_shows_in_the_health_overview(live: Session) -> None:
    """A long queue, a failing task, a failing rule, an open incident and differences found by the check each turn their metric."""
    assert status(live, "analytics", "oldest note%") == ("0", "HEALTHY")
    live.rows("INSERT INTO analytics.loan_state_queue (loan_id, enqueued_at) SELECT id, now() - interval '7 minutes' FROM loan LIMIT 3")
    assert status(live, "analytics", "notes in the queue")[0] == "3"
    assert status(live, "analytics", "oldest note%")[1] == "CRITICAL"
    live.rows("UPDATE analytics.due_task SET last_error = 'boom', last_run = now() WHERE name = 'validate'")
    assert status(live, "schedules", "tasks that failed%") == ("1: validate", "WARNING")
    assert status(live, "schedules", "minutes since%")[1] == "HEALTHY"
    live.rows("UPDATE analytics.due_task SET last_run = now() - interval '20 minutes'")
    assert status(live, "schedules", "minutes since%")[1] == "CRITICAL"
    live.rows("UPDATE loan SET interest_rate = 7 WHERE id = (SELECT id FROM loan LIMIT 1)")
    live.rows("SELECT ops.run_all_validations()")
    assert status(live, "validation", "rules that fail") == ("1", "CRITICAL")
    live.rows("INSERT INTO ops.alert_history (rule_name, severity, message) VALUES ('x', 'low', 'y')")
    assert status(live, "alerts", "open incidents") == ("1", "WARNING")
    live.rows("UPDATE ops.alert_history SET severity = 'critical'")
    assert status(live, "alerts", "open incidents")[1] == "CRITICAL"
    live.rows("INSERT INTO analytics.loan_state_check (loan_id, problem) SELECT id, 'different' FROM loan LIMIT 1")
    assert status(live, "analytics", "differences%") == ("1", "CRITICAL")


def test_quality_counts_what_offends_by_table(live: Session) -> None:
    """A rule that rows of a table offend is counted there, with the moment of the check; a full table scores 100."""
    live.rows("ANALYZE")
    live.rows("UPDATE loan SET interest_rate = 7 WHERE id IN (SELECT id FROM loan LIMIT 4)")
    live.rows("SELECT ops.run_all_validations()")
    [(records, issues, checked)] = live.rows(
        "SELECT total_records, quality_issues, last_validated IS NOT NULL FROM ops.get_data_quality_metrics() WHERE table_name = 'loan'"
    )
    assert (records, issues, checked) == (live.value("SELECT count(*) FROM loan"), 4, True)
    scores = dict(live.rows("SELECT table_name, completeness_score FROM ops.get_data_quality_metrics()"))
    assert scores["amortisation_line"] == 100
    assert scores["party"] < 100


def test_critical_issues_are_found_now_and_not_logged(live: Session) -> None:
    """They are asked of the data as it is, with how many rows and what to do; nothing is written."""
    assert live.rows("SELECT * FROM ops.check_critical_data_issues()") == []
    live.rows("SET session_replication_role = replica")
    live.rows("UPDATE loan SET status = 'closed' WHERE id = (SELECT id FROM loan WHERE status = 'active' LIMIT 1)")
    live.rows("SET session_replication_role = origin")
    live.rows("INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM loan")
    [(category, description, severity, affected, action)] = live.rows("SELECT * FROM ops.check_critical_data_issues()")
    assert (category, severity, affected) == ("LOAN_STATUS", "CRITICAL", 1)
    assert "open operational status" in description
    assert action
    assert live.value("SELECT count(*) FROM ops.data_validation_log") == 0


def test_trends_compare_the_last_day_with_those_before(live: Session) -> None:
    """The mean of the last day beside that of the days before says which way a metric goes."""
    live.rows("DELETE FROM ops.metric_history")
    live.rows(
        "INSERT INTO ops.metric_history (measured_at, metric_category, metric_name, value, status) VALUES"
        " (now() - interval '3 days', 'a', 'up', 10, 'HEALTHY'), (now() - interval '2 days', 'a', 'up', 20, 'HEALTHY'),"
        " (now() - interval '1 hour', 'a', 'up', 30, 'HEALTHY'), (now() - interval '2 days', 'a', 'same', 100, 'HEALTHY'),"
        " (now(), 'a', 'same', 105, 'HEALTHY'), (now(), 'a', 'new', 1, 'HEALTHY')"
    )
    found = {
        name: rest
        for name, *rest in live.rows("SELECT metric_name, latest, day_mean, former_mean, change_pct, trend FROM ops.get_trending_metrics()")
    }
    assert found["up"] == [30, 30, 15, 100, "rising"]
    assert found["same"] == [105, 105, 100, 5, "steady"]
    assert found["new"][-1] == "unknown"


def test_clean_up_leaves_what_is_young_or_open(live: Session) -> None:
    """Old results, metrics and resolved incidents go; an open incident stays however old; a senseless period is refused."""
    live.rows("SELECT ops.run_all_validations()")
    live.rows("UPDATE ops.data_validation_log SET validation_time = now() - interval '91 days' WHERE validation_type = 'INTEGRITY'")
    old = live.value("SELECT count(*) FROM ops.data_validation_log WHERE validation_type = 'INTEGRITY'")
    live.rows(
        "INSERT INTO ops.alert_history (rule_name, severity, message, raised_at, resolved_at) VALUES"
        " ('open', 'low', 'x', '2020-01-01', NULL), ('closed', 'low', 'x', '2020-01-01', '2020-01-02')"
    )
    assert live.value("SELECT ops.cleanup_validation_logs(90)") == old + 1
    assert live.column("SELECT rule_name FROM ops.alert_history WHERE rule_name IN ('open', 'closed')") == ["open"]
    with pytest.raises(Exception, match="at least a day"):
        live.rows("SELECT ops.cleanup_validation_logs(0)")


def test_the_accounts_of_the_migration_are_compared(own_url: URL) -> None:
    """Rows, money, content and journal of each table of v0 are as they must be after the migration; a lost row is found by what it held."""
    found = rows(own_url, "SELECT check_name, status, count(*) FROM ops.run_post_migration_validation() GROUP BY 1, 2 ORDER BY 1")
    assert {status for _, status, _ in found} == {"PASS"}
    assert {name: number for name, _, number in found if not name.startswith("schema")} == dict.fromkeys(
        ("rows", "money per currency", "content", "journal"), 20
    )
    run_sql(own_url, "UPDATE ops.account SET rows_close = false, rows_after = rows_after - 1 WHERE table_name = 'payment'")
    [(expected, after, message)] = rows(
        own_url, "SELECT expected, found, message FROM ops.run_post_migration_validation() WHERE status = 'FAIL'"
    )
    assert int(expected) == int(after) + 1
    assert "before" in message


def test_results_and_own_rules_survive_a_rollback(own_url: URL) -> None:
    """What operators wrote, and what was found, is there again after down and up."""
    run_sql(
        own_url,
        "SELECT ops.run_all_validations()",
        "INSERT INTO ops.alert_rules (rule_name, description, severity, query) VALUES ('own', 'd', 'low', 'SELECT 1 AS id, 2 AS detail')",
        "INSERT INTO ops.validation_exemption (rule, reason, ends_on) VALUES ('email_format', 'known since the takeover', '2030-01-01')",
    )
    query = (
        "SELECT (SELECT count(*) FROM ops.data_validation_log), (SELECT count(*) FROM ops.alert_rules),"
        " (SELECT reason FROM ops.validation_exemption)"
    )
    before = rows(own_url, query)
    downgrade(own_url)
    upgrade(own_url)
    assert rows(own_url, query) == before


def test_the_script_of_the_way_back_is_the_one_that_alembic_prints(own_url: URL) -> None:
    """Whoever has psql alone gets from the database what alembic downgrade head:v0 --sql prints."""
    from tests.support.migrations import HEAD, run_alembic

    [(script,)] = rows(own_url, "SELECT ops.emergency_rollback_script()")
    printed = run_alembic(None, "downgrade", f"{HEAD}:v0", "--sql").stdout
    assert script.strip() == printed.strip()
    [(last,)] = rows(own_url, "SELECT command FROM ops.emergency_rollback_to_v0() WHERE step = 4")
    assert last == "rently-db rollback --yes"
    with session(own_url) as opened:
        opened.rows("UPDATE ops.alembic_version SET version_num = 'v1'")
        with pytest.raises(Exception, match=r"alembic downgrade v1:v0 --sql|no script is kept"):
            opened.rows("SELECT ops.emergency_rollback_script()")
