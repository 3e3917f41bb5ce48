"""`ops.run_all_tests()`: real checks inside the database that leave no trace."""

from __future__ import annotations

import psycopg2.errors
import pytest
from sqlalchemy import URL

from tests.analytics.live_book import Session, session
from tests.support.migrations import run_sql

CATEGORIES = {
    "SCHEMA_INTEGRITY", "CONSTRAINTS", "BUSINESS_RULES", "FINANCIAL_CALC", "DATA_QUALITY", "PERFORMANCE", "SECURITY", "COMPLIANCE",
}  # fmt: skip
RUN = "SELECT test_category, test_name, test_status, test_message FROM ops.run_all_tests()"


TABLES = (
    "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN"
    " ('public'::regnamespace, 'ops'::regnamespace, 'analytics'::regnamespace) ORDER BY 1"
)


def content_of(url: URL) -> dict[str, str]:
    """A digest of every table of our schemas."""
    with session(url) as opened:
        return {
            table: opened.value(f"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} AS t")
            for table in opened.column(TABLES)
        }


def failing(opened: Session) -> dict[str, str]:
    """Tests that fail, with what they say."""
    return {name: message for _, name, status, message in opened.rows(RUN) if status != "PASS"}


def test_all_pass_on_a_clean_book(live: Session) -> None:
    """There are forty or more in the eight categories, each with a sentence and a duration."""
    found = live.rows("SELECT * FROM ops.run_all_tests()")
    assert [row for row in found if row[2] != "PASS"] == []
    assert len(found) >= 40
    assert {row[0] for row in found} == CATEGORIES
    assert all(row[3] and row[4].total_seconds() >= 0 for row in found)


def test_all_pass_on_an_empty_database(head_database: URL) -> None:
    """They bring what they need, and take it back."""
    with session(head_database) as opened:
        assert failing(opened) == {}


def test_they_leave_no_trace(own_url: URL) -> None:
    """Every row of every table is what it was, and nothing was announced or is locked."""
    before = content_of(own_url)
    with session(own_url, autocommit=True) as opened:
        opened.rows("LISTEN rently_alert")
        assert failing(opened) == {}
        opened.connection.poll()
        assert opened.connection.notifies == []
        assert opened.rows("SELECT locktype FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'") == []
    assert content_of(own_url) == before


BREAKS = {
    "refuses_negative_payment": "ALTER TABLE payment DROP CONSTRAINT payment_amount_positive",
    "refuses_more_than_was_paid": "ALTER TABLE payment_allocation DISABLE TRIGGER check_new",
    "refuses_journal_that_does_not_balance": "ALTER TABLE ledger_entry DISABLE TRIGGER check_journal",
    "refuses_payment_twice": "DROP INDEX one_payment_per_reference",
    "triggers_enabled": "ALTER TABLE loan DISABLE TRIGGER set_updated_at",
    "indexes_valid": "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_payment_allocation_loan_id'::regclass",
    "foreign_keys_indexed": "DROP INDEX ix_payment_allocation_line_id",
    "columns_described": "COMMENT ON COLUMN loan.status IS NULL",
    "primary_keys_present": "ALTER TABLE analytics.loan_state DROP CONSTRAINT pk_loan_state",
    "days_past_due_counts": "CREATE OR REPLACE FUNCTION analytics.days_past_due(overdue_since date, grace_days integer,"
    " paused_days integer, is_paused boolean, as_of date, day date) RETURNS integer"
    " LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(day - overdue_since, 0)'",
    "shares_are_of_sums": "CREATE OR REPLACE FUNCTION analytics.percentage(part numeric, whole numeric) RETURNS numeric"
    " LANGUAGE sql IMMUTABLE AS 'SELECT round(part / nullif(whole, 0), 2)'",
    "buckets_cover_every_day": "DELETE FROM dpd_bucket WHERE scheme = 'standard' AND label = '31-60 DPD'",
    "classes_cover_every_country": "DELETE FROM provision_rate WHERE country_code = 'AE'",
    "public_has_nothing": "GRANT SELECT ON ops.row_journal TO PUBLIC",
    "definer_functions_pinned": "ALTER FUNCTION ops.check_journal() RESET search_path",
    "readers_can_not_write": "GRANT UPDATE ON loan TO rently_readonly",
    "applications_can_not_rewrite_the_past": "GRANT DELETE ON ledger_entry TO rently_app",
    "refuses_rewriting_the_audit": "ALTER TABLE ops.audit_log DISABLE TRIGGER guard_change;"
    " ALTER TABLE ops.audit_log DISABLE TRIGGER guard_erasure",
    "audits_a_change_of_money": "ALTER TABLE loan DISABLE TRIGGER audit_update",
    "records_a_change_of_status": "ALTER TABLE loan DISABLE TRIGGER record_status_change",
    "published_months_stand": "DELETE FROM analytics.loan_daily_snapshot WHERE snapshot_date ="
    " (SELECT min(day) FROM analytics.published_day WHERE is_month_end AND loans > 0)",
    "materialized_views_refresh_beside_readers": "DROP INDEX analytics.uq_mv_promise",
    "queue_is_worked_off": "INSERT INTO analytics.loan_state_queue (loan_id, enqueued_at)"
    " SELECT id, now() - interval '6 minutes' FROM loan LIMIT 1",
    "migration_complete": "UPDATE ops.migration_step SET state = 'running' WHERE step = 'roles'",
    "email_format": "ALTER TABLE party DROP CONSTRAINT party_email_check; ALTER TABLE party DISABLE TRIGGER USER;"
    " UPDATE party SET email = 'x' WHERE id ="
    " (SELECT min(id::text)::uuid FROM party)",
}
"""Self-test -> what makes it fail."""


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found(live: Session, name: str) -> None:
    """A rule, trigger, function, right or index that is gone makes the self-test fail that is about it."""
    for statement in BREAKS[name].split("; "):
        live.rows(statement)
    assert name in failing(live)


def test_a_snapshot_of_the_past_is_refused(own_url: URL) -> None:
    """In REPEATABLE READ money can't be judged: it says which isolation to use."""
    with session(own_url) as opened:
        opened.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(psycopg2.errors.FeatureNotSupported, match="REPEATABLE READ"):
            opened.rows(RUN)


def test_an_operator_may_run_them(own_url: URL) -> None:
    """A login role that is a member of rently_ops, and nothing else, runs them in production."""
    run_sql(
        own_url,
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rently_test_operator') THEN"
        " CREATE ROLE rently_test_operator LOGIN PASSWORD 'x'; END IF; END $$",
        "GRANT rently_ops TO rently_test_operator",
    )
    with session(own_url.set(username="rently_test_operator", password="x")) as opened:
        assert failing(opened) == {}


def test_the_schedule_runs_them_and_tells_what_failed(live: Session) -> None:
    """Once a day; what fails is the task's error, which the health overview names."""
    live.rows("UPDATE analytics.due_task SET is_active = name = 'self-test'")
    task = "SELECT last_ok IS NOT NULL, last_error FROM analytics.due_task WHERE name = 'self-test'"
    assert live.value("SELECT ops.run_task('self-test')") == live.value("SELECT count(*) FROM ops.run_all_tests()")
    assert live.rows(task) == [(True, None)]
    live.rows("ALTER TABLE payment DROP CONSTRAINT payment_amount_positive")
    live.rows("SELECT ops.run_task('self-test')")
    [(_, error)] = live.rows(task)
    assert "1 of " in error
    assert "self-tests failed: refuses_negative_payment: " in error
    health = live.rows("SELECT current_value, status FROM ops.get_system_health_overview() WHERE metric_name LIKE '%%task%%'")
    assert any("self-test" in str(value) and status != "HEALTHY" for value, status in health)
