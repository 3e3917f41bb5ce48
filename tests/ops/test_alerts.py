"""Alert rules as data: incidents opened once and closed when the condition ends, run by a role that can only read."""

from __future__ import annotations

import json

import psycopg2.errors
import pytest
from sqlalchemy import URL

from tests.analytics.live_book import Session, session
from tests.ops.plants import PLANTS, do_plant
from tests.support.migrations import run_sql

OWN = "INSERT INTO ops.alert_rules (rule_name, description, severity, query, above) VALUES ('own', 'Loan that is watched', 'low', %s, 0)"
ASK = "SELECT ops.evaluate_alert_rule('own')"
OPEN = "SELECT cause, severity, message, found, last_found, acknowledged_by FROM ops.alert_history WHERE resolved_at IS NULL"


def test_an_incident_is_raised_once_and_ends_with_its_condition(live: Session) -> None:
    """While the condition holds one incident stays open and knows how much is found; when it ends it is resolved; later comes a new one."""
    live.rows(OWN, "SELECT id, loan_number AS detail FROM public.loan WHERE status = 'closed'")
    closed = live.value("SELECT count(*) FROM loan WHERE status = 'closed'")
    assert closed
    assert [live.value(ASK), live.value(ASK)] == [1, 0]
    assert live.rows(OPEN) == [("condition", "low", f"Loan that is watched: {closed} rows", closed, closed, None)]
    live.rows("UPDATE ops.alert_rules SET query = query || ' LIMIT 1' WHERE rule_name = 'own'")
    assert live.value(ASK) == 0
    assert live.rows(OPEN)[0][3:5] == (closed, 1)
    live.rows("UPDATE ops.alert_rules SET above = 1 WHERE rule_name = 'own'")
    assert live.value(ASK) == 0
    assert live.rows(OPEN) == []
    live.rows("UPDATE ops.alert_rules SET above = 0 WHERE rule_name = 'own'")
    assert live.value(ASK) == 1
    assert live.value("SELECT count(*) FROM ops.alert_history WHERE rule_name = 'own'") == 2


@pytest.mark.parametrize("whole_rule", [False, True])
def test_an_exempt_row_wakes_nobody(live: Session, whole_rule: bool) -> None:
    """What is exempt in validations raises no incident of a standard rule, and ends an open one; after its end there is one again."""
    do_plant(live, PLANTS["orphaned_payment_allocations"])
    ask = "SELECT ops.evaluate_alert_rule('orphaned_payment_allocations')"
    assert live.value(ask) == 1
    live.rows(
        "INSERT INTO ops.validation_exemption (rule, row_id, reason, ends_on)"
        " SELECT 'orphaned_payment_allocations', CASE WHEN NOT %s THEN o.id END, 'moved to the new ledger, ticket 12', current_date + 1"
        " FROM ops.rule_orphaned_payment_allocations AS o",
        whole_rule,
    )
    assert live.value(ask) == 0
    assert live.rows(OPEN) == []
    live.rows("UPDATE ops.validation_exemption SET ends_on = current_date")
    assert live.value(ask) == 1


@pytest.mark.parametrize("change", ["UPDATE ops.alert_rules SET is_active = false", "DELETE FROM ops.alert_rules"])
@pytest.mark.parametrize("function", ["evaluate_alert_rules", "evaluate_next_alert_rule"])
def test_an_incident_of_a_rule_that_is_asked_no_more_is_resolved(live: Session, change: str, function: str) -> None:
    """Who switches a rule off or deletes it leaves no incident that nobody can end; those of other rules stay open."""
    live.rows(OWN, "SELECT 'x' AS id, 'y' AS detail")
    live.rows(OWN.replace("'own'", "'other'"), "SELECT 'x' AS id, 'y' AS detail")
    live.rows("SELECT ops.evaluate_alert_rules()")
    live.rows(f"{change} WHERE rule_name = 'own'")
    live.rows(f"SELECT ops.{function}()")
    assert live.column("SELECT rule_name FROM ops.alert_history WHERE resolved_at IS NULL") == ["other"]


def test_who_listens_hears_of_both_ends(own_url: URL) -> None:
    """NOTIFY rently_alert carries rule, severity and message when an incident is raised and when it is resolved."""
    with session(own_url, autocommit=True) as listener, session(own_url, autocommit=True) as other:
        listener.rows("LISTEN rently_alert")
        other.rows(OWN, "SELECT 'x' AS id, 'y' AS detail")
        other.rows(ASK)
        other.rows("UPDATE ops.alert_rules SET query = 'SELECT 1::text AS id, NULL AS detail WHERE false' WHERE rule_name = 'own'")
        other.rows(ASK)
        listener.rows("SELECT 1")
        heard = [json.loads(notice.payload) for notice in listener.connection.notifies]
    assert [(one["state"], one["rule"], one["severity"]) for one in heard] == [("raised", "own", "low"), ("resolved", "own", "low")]
    assert heard[0]["incident"] == heard[1]["incident"]
    assert "Loan that is watched: 1 row" in heard[0]["message"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DELETE FROM public.loan RETURNING id, NULL AS detail", "syntax error"),
        (
            "WITH gone AS (DELETE FROM public.document_link RETURNING id) SELECT id, NULL AS detail FROM gone",
            "WITH clause containing a data-modifying",
        ),
        ("SELECT set_config('role', 'none', true) AS id, NULL AS detail", "cannot set parameter"),
        ("SELECT set_config('transaction_read_only', 'off', true) AS id, NULL AS detail", "cannot set transaction read-write mode"),
        ("SELECT id, NULL AS detail FROM ops.audit_log", "permission denied"),
        ("SELECT pg_read_file('/etc/passwd') AS id, NULL AS detail", "permission denied"),
        ("SELECT id, NULL AS detail FROM ops.row_journal", "permission denied"),
        ("SELECT nextval('ops.migration_run_id_seq')::text AS id, NULL AS detail", "permission denied"),
        ("SELECT 1 AS id", "detail does not exist"),
    ],
)
def test_a_query_may_only_read(live: Session, query: str, said: str) -> None:
    """What writes, changes its role or reads what readers may not is refused, and the refusal is kept with the rule."""
    loans = live.value("SELECT count(*) FROM loan")
    live.rows(OWN, query)
    assert live.value(ASK) == 0
    assert said in live.value("SELECT error FROM ops.alert_state WHERE rule_name = 'own'")
    assert live.value("SELECT count(*) FROM loan") == loans
    live.rows("UPDATE document SET title = title")  # the session writes on


def test_a_query_may_not_end_its_frame(live: Session) -> None:
    """A query that closes the bracket around it is an error of its own, not a second statement."""
    live.rows(OWN, "SELECT 1 AS id, 2 AS detail) AS p) AS q; DELETE FROM public.document_link; --")
    assert live.value(ASK) == 0
    assert live.value("SELECT error FROM ops.alert_state WHERE rule_name = 'own'")
    assert live.value("SELECT count(*) FROM document_link") > 0


def test_a_rule_that_errors_becomes_an_incident_and_stops_nobody(live: Session) -> None:
    """The third failure in a row raises an incident of cause error; the others are asked; when the rule works again it is resolved."""
    live.rows(OWN, "SELECT id, detail FROM public.no_such_table")
    for turn in range(3):
        live.rows("DELETE FROM ops.alert_state WHERE rule_name <> 'own'")
        live.rows("UPDATE ops.alert_state SET evaluated_at = '-infinity'")
        assert live.value("SELECT ops.evaluate_alert_rules()") == (1 if turn == 2 else 0)
    assert live.value("SELECT count(*) FROM ops.alert_state WHERE error IS NULL") == 9
    [(cause, _, message, *_)] = live.rows(OPEN)
    assert cause == "error"
    assert "no_such_table" in message
    live.rows("UPDATE ops.alert_rules SET query = 'SELECT 1 AS id, 2 AS detail WHERE false' WHERE rule_name = 'own'")
    assert live.value(ASK) == 0
    assert live.rows(OPEN) == []


def test_a_rule_that_runs_for_ever_is_stopped_and_the_others_come_next(live: Session) -> None:
    """Under a time limit the endless rule fails, the call ends, and the rules that were not asked are asked by the next call."""
    live.rows(OWN, "SELECT 1 AS id, pg_sleep(60)::text AS detail")
    live.rows("INSERT INTO ops.alert_state (rule_name, evaluated_at, seconds) SELECT 'own', '-infinity', 0")
    live.rows("UPDATE ops.alert_rules SET every = '1 microsecond' WHERE rule_name = 'own'")
    live.rows(
        "INSERT INTO ops.alert_state (rule_name, evaluated_at, seconds) SELECT rule_name, '2026-01-01', 0 FROM ops.alert_rules"
        " ON CONFLICT DO NOTHING"
    )
    live.rows("SET LOCAL statement_timeout = '500ms'")
    assert live.value("SELECT ops.evaluate_alert_rules()") == 0
    live.rows("SET LOCAL statement_timeout = 0")
    assert live.rows("SELECT rule_name, error FROM ops.alert_state WHERE evaluated_at > '2026-01-01'") == [
        ("own", "stopped by statement_timeout")
    ]
    live.rows("UPDATE ops.alert_rules SET is_active = false WHERE rule_name = 'own'")
    live.rows("SELECT ops.evaluate_alert_rules()")
    assert live.value("SELECT count(*) FROM ops.alert_state WHERE evaluated_at > '2026-01-01' AND error IS NULL") == 9


def test_who_cancels_is_obeyed(own_url: URL) -> None:
    """pg_cancel_backend is no time limit: it ends the call, and nothing is noted as a failure of the rule."""
    import threading

    run_sql(own_url, "UPDATE ops.alert_rules SET is_active = false")
    with session(own_url) as opened, session(own_url, autocommit=True) as other:
        opened.rows(OWN, "SELECT 1 AS id, pg_sleep(60)::text AS detail")
        pid = opened.connection.get_backend_pid()
        canceller = threading.Timer(0.5, lambda: other.rows("SELECT pg_cancel_backend(%s)", pid))
        canceller.start()
        with pytest.raises(psycopg2.errors.QueryCanceled, match="user request"):
            opened.rows(ASK)
        canceller.join()


def test_a_switched_off_rule_and_own_rules_survive_a_new_release(live: Session) -> None:
    """initialize_monitoring_system() mends the queries of standard rules, and leaves thresholds, switches and own rules alone."""
    live.rows(OWN, "SELECT 1 AS id, 2 AS detail")
    live.rows("UPDATE ops.alert_rules SET is_active = false, above = 50, query = 'SELECT 1' WHERE rule_name = 'failed_payments_spike'")
    live.rows("UPDATE ops.monitoring_config SET value = '1' WHERE key = 'lock_wait_seconds'")
    live.rows("DELETE FROM ops.alert_rules WHERE rule_name = 'stale_analytics'")
    said = dict(live.rows("SELECT component, result FROM ops.initialize_monitoring_system()"))
    assert said["alert rules"].startswith("10, of which 2 were added or brought up to date, 1 are your own, 1 are switched off")
    assert live.rows(
        "SELECT is_active, above, query LIKE '%%rule_failed_payments_spike%%' FROM ops.alert_rules"
        " WHERE rule_name = 'failed_payments_spike'"
    ) == [(False, 50, True)]
    assert live.value("SELECT value FROM ops.monitoring_config WHERE key = 'lock_wait_seconds'") == 1


def test_an_incident_is_taken_up_once(live: Session) -> None:
    """Who acknowledges first is named in the summary; a second one is told so."""
    live.rows(OWN, "SELECT 1 AS id, 2 AS detail")
    live.rows(ASK)
    [(incident, rule, severity, *_)] = live.rows("SELECT * FROM ops.get_active_alerts_summary()")
    assert (rule, severity) == ("own", "low")
    assert live.value("SELECT ops.acknowledge_incident(%s, 'Li Na')", incident) is True
    assert live.value("SELECT ops.acknowledge_incident(%s, 'Omar')", incident) is False
    assert live.value("SELECT acknowledged_by FROM ops.get_active_alerts_summary()") == "Li Na"


def test_without_the_reading_role_nothing_is_run(live: Session) -> None:
    """Where the role is missing, queries are not run with the owner's rights instead: each rule says what a DBA must run."""
    live.rows("ALTER FUNCTION ops.look_read_only(text) OWNER TO CURRENT_USER")
    live.rows(OWN, "SELECT 1 AS id, 2 AS detail")
    assert live.value(ASK) == 0
    assert "run by role rently_readonly alone" in live.value("SELECT error FROM ops.alert_state WHERE rule_name = 'own'")


def test_two_who_ask_at_once_raise_one_incident(own_url: URL) -> None:
    """The second waits for the first, and finds the incident open."""
    run_sql(own_url, OWN.replace("%s", "'SELECT 1 AS id, pg_sleep(0.5)::text AS detail'"))
    import threading

    raised: list[int] = []

    def ask() -> None:
        with session(own_url, autocommit=True) as opened:
            raised.append(opened.value(ASK))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(raised) == [0, 1]
