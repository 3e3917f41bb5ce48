"""Each rule fires for what it is about, and for nothing else; on a clean book none does."""

from __future__ import annotations

import psycopg2.errors
import pytest

from rently_db.sql.catalog import load_catalogue
from rently_db.sql.rule_catalogue import COMMAND, files, main, rule_name, rules_of
from tests.analytics.live_book import Session
from tests.ops.plants import ALERT_PLANTS, PLANTS, do_plant

RULES = {rule_name(entity): entity.header.rule for entity in rules_of(load_catalogue()) if entity.header.rule is not None}
VALIDATIONS = [name for name, rule in RULES.items() if "validation" in rule.tags]
ALERTS = [name for name, rule in RULES.items() if "alert" in rule.tags]
CONTRACT = {
    "INTEGRITY": "orphaned_payment_allocations orphaned_loan_status orphaned_amortisation_lines loans_without_borrowers"
    " document_link_target_missing",
    "BUSINESS_RULES": "payment_allocation_balance loan_date_ranges amortization_balance currency_consistency interest_rate_range"
    " decision_matches_application disbursement_matches_principal",
    "DATA_QUALITY": "loan_number_completeness loan_number_uniqueness email_format currency_code_format currency_code_known"
    " payment_amount_range duplicate_party default_instrument_unique recent_loan_activity recent_payment_activity",
    "FINANCIAL_CALC": "allocation_precision fx_rate_range fx_rate_gap amortization_calculations trial_balance",
    "COLLECTIONS": "dpd_validity escalation_tracking action_date_validity",
    "LOAN_STATUS": "unique_current_status status_progression status_coverage status_matches_loan",
    "ANALYTICS": "position_matches_source",
}
"""Names that other software reads."""
STANDARD_ALERTS = {
    "orphaned_payment_allocations": ("critical", 0),
    "unbalanced_payment_allocations": ("high", 0),
    "loans_without_valid_borrowers": ("high", 0),
    "recent_validation_failures": ("high", 5),
    "failed_payments_spike": ("high", 10),
    "slow_queries_detected": ("medium", 0),
    "high_loan_creation_rate": ("medium", 100),
    "stale_analytics": ("high", 0),
    "fx_rate_missing": ("high", 0),
}


def not_passing(live: Session) -> dict[str, str]:
    """Rules that do not pass, with their status, and that are not only information of a book from before today."""
    live.rows("SELECT * FROM ops.run_all_validations()")
    found = live.rows(
        "SELECT validation_name, validation_status FROM ops.data_validation_log"
        " WHERE run_id = (SELECT max(id) FROM ops.validation_run) AND validation_status <> 'PASS'"
    )
    return dict(found)


def test_the_catalogue_has_the_rules_that_other_software_names(live: Session) -> None:
    """Every rule of the contract is there under its type; every validation and every alert has a plant, and every plant its rule."""
    found = dict(
        live.rows(
            "SELECT validation_type, string_agg(rule, ' ' ORDER BY rule) FROM ops.rule_catalogue WHERE 'validation' = ANY(tags) GROUP BY 1"
        )
    )
    missing = {kind: sorted(set(names.split()) - set(found.get(kind, "").split())) for kind, names in CONTRACT.items()}
    assert missing == {kind: [] for kind in CONTRACT}
    assert PLANTS.keys() == set(VALIDATIONS)
    assert ALERT_PLANTS.keys() | {"slow_queries_detected"} == set(ALERTS)


def test_a_clean_book_passes(live: Session) -> None:
    """On a cleanly migrated database no rule fails or warns."""
    [(summary, total, passed, failed, warned, informed)] = live.rows("SELECT * FROM ops.run_all_validations()")
    assert (total, failed, warned) == (len(VALIDATIONS), 0, 0)
    assert passed + informed == total
    assert "pass" in summary
    assert set(not_passing(live).values()) <= {"INFO"}


@pytest.mark.parametrize("rule", PLANTS)
def test_a_planted_defect_fires_its_rule_alone(live: Session, rule: str) -> None:
    """The row that offends is found by the rule that is about it, with its severity, and by no other."""
    before = not_passing(live)
    do_plant(live, PLANTS[rule])
    if rule != "position_matches_source":
        live.rows("INSERT INTO analytics.loan_state_queue (loan_id) SELECT loan_id FROM analytics.loan_state")
    after = not_passing(live)
    severity = {"fail": "FAIL", "warning": "WARNING", "info": "INFO"}[RULES[rule].severity]
    changed = {name: status for name, status in after.items() if before.get(name) != status}
    assert changed.get(rule, after.get(rule)) == severity
    assert changed.keys() - {rule} == set(PLANTS[rule].also)
    [(count, details, message)] = live.rows(
        "SELECT violation_count, details, validation_message FROM ops.data_validation_log"
        " WHERE validation_name = %s ORDER BY id DESC LIMIT 1",
        rule,
    )
    assert count >= 1
    assert 1 <= len(details["ids"]) <= 20
    assert all(details["found"])
    assert RULES[rule].mend in message


@pytest.mark.parametrize("rule", STANDARD_ALERTS)
def test_a_standard_alert_has_its_severity_and_threshold(live: Session, rule: str) -> None:
    """Severity and number of rows from which on it is an incident are those that operators were promised."""
    assert live.rows("SELECT severity, above FROM ops.alert_rules WHERE rule_name = %s", rule) == [STANDARD_ALERTS[rule]]


@pytest.mark.parametrize("rule", ALERT_PLANTS)
def test_a_planted_defect_raises_its_alert_alone(live: Session, rule: str) -> None:
    """What an alert is about raises one incident of that rule, and of no other."""
    live.rows("SELECT ops.evaluate_alert_rules()")
    assert live.rows("SELECT rule_name, message FROM ops.alert_history") == []
    do_plant(live, ALERT_PLANTS[rule])
    live.rows("DELETE FROM ops.alert_state")
    assert live.value("SELECT ops.evaluate_alert_rules()") == 1
    assert live.column("SELECT rule_name FROM ops.alert_history WHERE resolved_at IS NULL") == [rule]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_what_to_do(rule: str) -> None:
    """What it protects and how to mend are sentences, not words."""
    header = RULES[rule]
    assert len(header.protects.split()) >= 2
    assert len(header.mend.split()) >= 2


def test_generated_files_are_up_to_date() -> None:
    """The catalogue and the union are what the headers say."""
    for path, text in files().items():
        assert path.read_text(encoding="utf-8") == text, f"run {COMMAND}"
    assert main(["--check"]) == 0


def test_the_union_gives_the_rows_of_all_rules(live: Session) -> None:
    """One question lists every row that offends a rule; asked for one rule, no other is evaluated."""
    do_plant(live, PLANTS["interest_rate_range"])
    assert live.rows("SELECT rule, severity FROM ops.rule_offence WHERE severity = 'fail'") == [("interest_rate_range", "fail")]
    explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM ops.rule_offence WHERE rule = 'email_format'"
    scans = [line for (line,) in live.rows(explain) if " on party" in line or " on payment" in line]
    # PostgreSQL 12 still shows what it leaves out.
    asked = [line for line in scans if "never executed" not in line]
    assert any(" on party" in line for line in asked)
    assert not any(" on payment" in line for line in asked)


def test_an_exempt_row_is_counted_and_not_reported(live: Session) -> None:
    """An exemption names the row, the reason and its end; after that the row is reported again."""
    do_plant(live, PLANTS["interest_rate_range"])
    loan = live.value("SELECT id FROM ops.rule_interest_rate_range")
    live.rows(
        "INSERT INTO ops.validation_exemption (rule, row_id, reason, ends_on) VALUES"
        " ('interest_rate_range', %s, 'approved by the credit committee', current_date + 1)",
        loan,
    )
    live.rows("SELECT ops.run_all_validations(rule => 'interest_rate_range')")
    status = "SELECT validation_status, violation_count, details ->> 'exempt' FROM ops.data_validation_log ORDER BY id DESC LIMIT 1"
    assert live.rows(status) == [("PASS", 0, "1")]
    live.rows("UPDATE ops.validation_exemption SET ends_on = current_date")
    live.rows("SELECT ops.run_all_validations(rule => 'interest_rate_range')")
    assert live.rows(status) == [("FAIL", 1, None)]


def test_an_exemption_names_a_rule_that_exists(live: Session) -> None:
    """A misspelt rule is refused, when it is written and when it is changed to: it would silence nothing, and nobody would notice."""
    grant = "INSERT INTO ops.validation_exemption (rule, reason, ends_on) VALUES (%s, 'known since the takeover', current_date + 1)"
    live.rows(grant, "interest_rate_range")
    live.rows("SAVEPOINT here")
    for statement, rule in ((grant, "interest_rate_rnage"), ("UPDATE ops.validation_exemption SET rule = %s", "email")):
        with pytest.raises(psycopg2.errors.UndefinedObject, match=f"there is no rule '{rule}'"):
            live.rows(statement, rule)
        live.rows("ROLLBACK TO here")


def test_a_rule_that_errors_fails_and_lets_the_others_go_on(live: Session) -> None:
    """A rule that can't be evaluated is a failure that says why; nothing else is lost by it."""
    live.rows("CREATE OR REPLACE VIEW ops.rule_email_format AS SELECT (1 / 0)::text AS id, 'x' AS detail")
    [(_, total, _, failed, _, _)] = live.rows("SELECT * FROM ops.run_all_validations()")
    assert (total, failed) == (len(VALIDATIONS), 1)
    [(message, details)] = live.rows(
        "SELECT validation_message, details FROM ops.data_validation_log WHERE validation_name = 'email_format' ORDER BY id DESC LIMIT 1"
    )
    assert "division by zero" in message
    assert "rently-db drift" in message
    assert details["sqlstate"] == "22012"


def test_a_rule_that_runs_for_ever_ends_the_run_with_a_trace(live: Session) -> None:
    """Called by hand under a time limit: the rule that takes too long fails, and the summary says how many were left."""
    live.rows("CREATE OR REPLACE VIEW ops.rule_email_format AS SELECT pg_sleep(60)::text AS id, 'x' AS detail")
    live.rows("SET LOCAL statement_timeout = '3s'")
    [(summary, total, *_)] = live.rows("SELECT * FROM ops.run_all_validations()")
    assert "stopped by statement_timeout" in summary
    assert 0 < total < len(VALIDATIONS)
    [(status, message)] = live.rows(
        "SELECT validation_status, validation_message FROM ops.data_validation_log WHERE validation_name = 'email_format'"
    )
    assert status == "FAIL"
    assert "stopped by statement_timeout" in message


@pytest.mark.parametrize(("arguments", "sentence"), [("rule => 'typo'", "'typo'"), ("tag => 'typo'", "'typo'")])
def test_an_unknown_rule_or_tag_is_refused(live: Session, arguments: str, sentence: str) -> None:
    """Nothing is logged for a name that means nothing."""
    with pytest.raises(Exception, match=sentence):
        live.rows(f"SELECT * FROM ops.run_all_validations({arguments})")
