"""Rules of the tables that analytics and operations keep for themselves: each refuses what it is there to refuse."""

from __future__ import annotations

import psycopg2.errors
import pytest

from rently_db.sql.catalog import load_catalogue
from tests.analytics.live_book import Session

ALERT = "INSERT INTO ops.alert_rules (rule_name, description, severity, query) VALUES ('own', 'd', 'low', 'SELECT 1')"
EXEMPT = "INSERT INTO ops.validation_exemption (rule, reason, ends_on) VALUES ('email_format', 'known since the takeover', '2030-01-01')"
INCIDENT = "INSERT INTO ops.alert_history (rule_name, severity, message, cause) VALUES ('own', 'low', 'm', 'condition')"
TASK = "INSERT INTO analytics.due_task (name, statement, every, repeats, time_limit) VALUES ('own', 'SELECT 1', '{}', false, '{}')"

CHECKS = {
    "ck_audit_log_action": "INSERT INTO ops.audit_log (id, changed_at, actor, db_user, transaction_id, table_name, action)"
    " VALUES ('00000000-0000-7000-8000-000000000001', now(), 'a', 'a', 1, 'loan', 'SELECT')",
    "ck_alert_history_cause": INCIDENT.replace("'condition'", "'weather'"),
    "ck_alert_rules_severity": ALERT.replace("'low'", "'urgent'"),
    "ck_alert_rules_above_non_negative": f"{ALERT}; UPDATE ops.alert_rules SET above = -1 WHERE rule_name = 'own'",
    "ck_alert_rules_every_positive": f"{ALERT}; UPDATE ops.alert_rules SET every = '0' WHERE rule_name = 'own'",
    "ck_performance_baseline_label": "SELECT ops.take_performance_baseline('x'); UPDATE ops.performance_baseline SET label = ' '",
    "ck_performance_baseline_kind": "SELECT ops.take_performance_baseline('x'); UPDATE ops.performance_baseline SET kind = 'index'",
    "ck_data_validation_log_status": "SELECT ops.run_all_validations(); UPDATE ops.data_validation_log SET validation_status = 'OK'",
    "ck_validation_exemption_reason": EXEMPT.replace("known since the takeover", "  because  "),
    "ck_validation_exemption_ends": EXEMPT.replace("2030-01-01", "infinity"),
    "ck_due_task_every_positive": TASK.format("-1 hour", "1 second"),
    "ck_due_task_time_limit_positive": TASK.format("1 hour", "0"),
    "ck_loan_state_check_problem_check": "INSERT INTO analytics.loan_state_check (loan_id, problem) SELECT id, 'odd' FROM loan LIMIT 1",
    "ck_published_day_source_check": "UPDATE analytics.published_day SET source = 'guess'",
}
UNIQUE = {
    "one_open_incident": f"{ALERT}; {INCIDENT}; {INCIDENT}",
    "uq_validation_exemption_rule_row_id": f"{EXEMPT}; {EXEMPT}",
    "uq_alert_rules_id": f"{ALERT}; INSERT INTO ops.alert_rules (id, rule_name, description, severity, query) OVERRIDING SYSTEM VALUE"
    " SELECT id, 'other', description, severity, query FROM ops.alert_rules WHERE rule_name = 'own'",
}


@pytest.mark.parametrize("rule", [*CHECKS, *UNIQUE])
def test_what_a_rule_forbids_is_refused_by_its_name(live: Session, rule: str) -> None:
    """Whoever writes such a row reads which rule it breaks."""
    error = psycopg2.errors.CheckViolation if rule in CHECKS else psycopg2.errors.UniqueViolation
    with pytest.raises(error) as refused:
        live.rows({**CHECKS, **UNIQUE}[rule])
    assert refused.value.diag.constraint_name == rule


def test_every_rule_of_these_tables_has_a_case(live: Session) -> None:
    """A rule that comes without a row it refuses is not known to work."""
    tables = [entity.qualified for entity in load_catalogue() if entity.kind == "table"]
    of_ours = "(SELECT unnest(%s::text[])::regclass)"
    assert set(live.column(f"SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid IN {of_ours}", tables)) == CHECKS.keys()
    unique = f"SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND NOT indisprimary AND indrelid IN {of_ours}"
    assert {name.rpartition(".")[2] for name in live.column(unique, tables)} == UNIQUE.keys()
