"""How each rule is offended: statements on a clean book, with triggers off and the forbidding constraint, if any, taken away.

A rule made by ``rently-db new rule`` has its plant in a file of its own, ``planted/<rule>.sql``; the others stand here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rently_db.sql.catalog import load_catalogue, split_statements
from rently_db.sql.rule_catalogue import rule_name, rules_of
from tests.analytics.live_book import Session

PLANTED = Path(__file__).parent / "planted"

NOBODY = "00000000-0000-4000-8000-00000000dead"
A_LOAN = "(SELECT id FROM loan WHERE status = 'active' ORDER BY id LIMIT 1)"
A_PAYMENT = (
    "(SELECT p.id FROM payment p WHERE p.direction = 'inbound' AND p.status = 'completed' AND p.amount ="
    " (SELECT sum(a.allocated_amount) FROM payment_allocation a WHERE a.payment_id = p.id) ORDER BY p.id LIMIT 1)"
)
AN_ALLOCATION = f"(SELECT id FROM payment_allocation WHERE payment_id = {A_PAYMENT} ORDER BY id LIMIT 1)"
A_PLAN = f"(SELECT id FROM amortisation_plan WHERE loan_id = {A_LOAN} AND status = 'active')"


@dataclass(frozen=True)
class Plant:
    """``statements`` plant the defect; ``also`` are rules that the same rows offend, and why."""

    statements: tuple[str, ...]
    also: tuple[str, ...] = ()


def plant(*statements: str, also: tuple[str, ...] = ()) -> Plant:
    """A plant."""
    return Plant(statements, also)


def drop(table: str, constraint: str) -> str:
    """Take a constraint away."""
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"


PLANTS = {
    # INTEGRITY
    "orphaned_payment_allocations": plant(f"UPDATE payment_allocation SET line_id = '{NOBODY}' WHERE id = {AN_ALLOCATION}"),
    "orphaned_loan_status": plant(
        "INSERT INTO loan_status_history (loan_id, status_type, status_value, effective_from) VALUES"
        f" ('{NOBODY}', 'risk_level', 'normal', '2020-01-01')"
    ),
    "orphaned_amortisation_lines": plant(
        "INSERT INTO amortisation_line (plan_id, seq_no, due_date, currency_code, amount_principal) VALUES"
        f" ('{NOBODY}', 1, '2026-01-01', 'SGD', 1)"
    ),
    "loans_without_borrowers": plant(f"UPDATE loan SET borrower_party_id = '{NOBODY}' WHERE id = {A_LOAN}"),
    "document_link_target_missing": plant(
        "INSERT INTO document_link (document_id, entity_type, entity_id)"
        f" VALUES ((SELECT min(id::text)::uuid FROM document), 'loan', '{NOBODY}')"
    ),
    # BUSINESS_RULES
    "payment_allocation_balance": plant(
        f"UPDATE payment_allocation SET allocated_amount = allocated_amount + 1 WHERE id = {AN_ALLOCATION}"
    ),
    "loan_date_ranges": plant(drop("loan", "loan_dates_check"), f"UPDATE loan SET end_date = start_date WHERE id = {A_LOAN}"),
    "amortization_balance": plant(
        f"UPDATE amortisation_line SET amount_principal = amount_principal + 2 WHERE plan_id = {A_PLAN} AND seq_no = 1"
    ),
    "currency_consistency": plant(f"UPDATE amortisation_line SET currency_code = 'USD' WHERE plan_id = {A_PLAN} AND seq_no = 1"),
    "interest_rate_range": plant(f"UPDATE loan SET interest_rate = 1.0001 WHERE id = {A_LOAN}"),
    "decision_matches_application": plant(
        drop("decision", "decision_approved_amount_check"),
        "UPDATE decision SET approved_amount = NULL WHERE id = (SELECT id FROM decision WHERE outcome = 'approved' ORDER BY id LIMIT 1)",
    ),
    "disbursement_matches_principal": plant(
        "UPDATE disbursement SET amount = amount + 1 WHERE id = (SELECT d.id FROM disbursement d JOIN loan l ON l.id = d.loan_id"
        " WHERE d.status = 'completed' AND d.amount = l.principal_amount ORDER BY d.id LIMIT 1)"
    ),
    # DATA_QUALITY
    "loan_number_completeness": plant(f"UPDATE loan SET loan_number = ' ' WHERE id = {A_LOAN}"),
    "loan_number_uniqueness": plant(
        f"UPDATE loan SET loan_number = (SELECT lower(loan_number) FROM loan ORDER BY id DESC LIMIT 1) WHERE id = {A_LOAN}"
    ),
    "email_format": plant(
        drop("party", "party_email_check"), "UPDATE party SET email = 'at example.com' WHERE id = (SELECT min(id::text)::uuid FROM party)"
    ),
    "currency_code_format": plant(
        drop("payment_instrument", "payment_instrument_currency_check"),
        "UPDATE payment_instrument SET currency_code = 'S1' WHERE id = (SELECT min(id::text)::uuid FROM payment_instrument)",
        also=("currency_code_known",),  # what is no code is no known one
    ),
    "currency_code_known": plant(
        "UPDATE payment_instrument SET currency_code = 'XQZ' WHERE id = (SELECT min(id::text)::uuid FROM payment_instrument)"
    ),
    "payment_amount_range": plant(
        "UPDATE payment SET amount = 1000000.01 WHERE id = (SELECT id FROM payment WHERE status = 'failed' ORDER BY id LIMIT 1)"
    ),
    "duplicate_party": plant("UPDATE party SET kyc_identifier = 'S1234567D' WHERE id IN (SELECT id FROM party ORDER BY id LIMIT 2)"),
    "default_instrument_unique": plant(
        "DROP INDEX one_default_instrument",
        "INSERT INTO payment_instrument (party_id, instrument_type, currency_code, is_default)"
        " SELECT party_id, instrument_type, currency_code, true FROM payment_instrument WHERE is_default ORDER BY id LIMIT 1",
    ),
    "recent_loan_activity": plant("UPDATE loan SET created_at = now() - interval '31 days'"),
    "recent_payment_activity": plant("UPDATE payment SET created_at = now() - interval '8 days'"),
    # FINANCIAL_CALC
    "allocation_precision": plant(
        drop("payment_allocation", "payment_allocation_allocated_amount_is_money"),
        f"UPDATE payment_allocation SET allocated_amount = allocated_amount - 0.001 WHERE id = {AN_ALLOCATION}",
    ),
    "fx_rate_range": plant("UPDATE fx_rate SET rate = 1000.01 WHERE id = (SELECT id FROM fx_rate ORDER BY as_of_date, id LIMIT 1)"),
    "fx_rate_gap": plant(
        f"UPDATE loan SET currency_code = 'JPY' WHERE id = {A_LOAN}",
        f"UPDATE analytics.loan_state SET currency_code = 'JPY' WHERE loan_id = {A_LOAN}",
        also=("currency_consistency",),
    ),
    "amortization_calculations": plant(
        f"DELETE FROM amortisation_line WHERE plan_id = {A_PLAN} AND seq_no = 2",
        also=("amortization_balance", "orphaned_payment_allocations"),
    ),
    "trial_balance": plant(
        "INSERT INTO ledger_entry (legal_entity_id, account_id, currency_code, amount, side)"
        " SELECT legal_entity_id, id, 'SGD', 1, 'debit' FROM ledger_account ORDER BY id LIMIT 1"
    ),
    # COLLECTIONS
    "dpd_validity": plant(
        "INSERT INTO collections_event (loan_id, event_type, event_at, dpd_snapshot)"
        f" SELECT id, 'reminder_sent', start_date, 90 FROM loan WHERE id = {A_LOAN}"
    ),
    "escalation_tracking": plant(
        "INSERT INTO collections_event (loan_id, event_type, event_at, escalation_trigger) VALUES"
        f" ({A_LOAN}, 'reminder_sent', '2026-06-29', 'three missed instalments')"
    ),
    "action_date_validity": plant(
        "INSERT INTO collections_event (loan_id, event_type, event_at, next_action_date, resolution_status) VALUES"
        f" ({A_LOAN}, 'call_attempt', '2026-06-20', '2026-06-29', 'pending')"
    ),
    # LOAN_STATUS
    "unique_current_status": plant(
        "DROP INDEX one_open_status_per_type",
        "ALTER TABLE loan_status_history DROP CONSTRAINT loan_status_history_no_overlap",
        "INSERT INTO loan_status_history (loan_id, status_type, status_value, effective_from) VALUES"
        f" ({A_LOAN}, 'risk_level', 'normal', '2026-01-01'), ({A_LOAN}, 'risk_level', 'normal', '2026-02-01')",
    ),
    "status_progression": plant(
        "INSERT INTO loan_status_history (loan_id, status_type, status_value, effective_from, effective_through) VALUES"
        f" ({A_LOAN}, 'collections_stage', 'current', '2026-01-01', '2026-02-01'),"
        f" ({A_LOAN}, 'collections_stage', 'settled', '2026-02-01', '2026-03-01')"
    ),
    "status_coverage": plant(
        "UPDATE loan_status_history SET effective_through = effective_from + interval '1 day'"
        f" WHERE loan_id = {A_LOAN} AND status_type = 'operational_status'"
    ),
    "status_matches_loan": plant(f"UPDATE loan SET status = 'closed' WHERE id = {A_LOAN}"),
    # ANALYTICS
    "position_matches_source": plant("UPDATE analytics.loan_state SET arrears = arrears + 1"),
}
"""Rule of the validations -> its plant."""

ALERT_PLANTS = {
    "unbalanced_payment_allocations": plant(f"UPDATE payment SET updated_at = now(), amount = amount - 1 WHERE id = {A_PAYMENT}"),
    "loans_without_valid_borrowers": plant(
        f"UPDATE party SET is_active = false WHERE id = (SELECT borrower_party_id FROM loan WHERE id = {A_LOAN})"
    ),
    "recent_validation_failures": plant(
        "INSERT INTO ops.data_validation_log (run_id, validation_type, validation_name, table_name, validation_status, violation_count,"
        " validation_message, seconds) SELECT 1, 'INTEGRITY', 'planted', 'loan', 'FAIL', 1, 'planted', 0 FROM generate_series(1, 6)"
    ),
    "failed_payments_spike": plant(
        "UPDATE payment SET status = 'failed', updated_at = now() WHERE id IN (SELECT id FROM payment ORDER BY id LIMIT 11)"
    ),
    "high_loan_creation_rate": plant(
        "UPDATE loan SET created_at = now()", "UPDATE ops.alert_rules SET above = 59 WHERE rule_name = 'high_loan_creation_rate'"
    ),
    "stale_analytics": plant(
        f"INSERT INTO analytics.loan_state_queue (loan_id, enqueued_at) VALUES ({A_LOAN}, now() - interval '6 minutes')"
    ),
    "fx_rate_missing": plant(f"UPDATE analytics.loan_state SET currency_code = 'JPY' WHERE loan_id = {A_LOAN}"),
    "orphaned_payment_allocations": PLANTS["orphaned_payment_allocations"],
}
"""Standard alert rule -> its plant. ``slow_queries_detected`` needs pg_stat_statements, and has a test of its own."""


def read_plant(path: Path) -> Plant:
    """A plant from its file: statements, each ending with a semicolon, and rules that they offend besides as ``-- also: a, b``."""
    text = path.read_text(encoding="utf-8")
    also = [name.strip() for names in re.findall(r"^-- also: (.+)$", text, re.MULTILINE) for name in names.split(",")]
    statements = split_statements("\n".join(line for line in text.splitlines() if not line.startswith("--")) + "\n")
    return plant(*statements, also=tuple(also))


_TAGS = {rule_name(entity): entity.header.rule.tags for entity in rules_of(load_catalogue()) if entity.header.rule is not None}
for _path in sorted(PLANTED.glob("*.sql")):
    # One of a rule that is gone stays in PLANTS, where the tests find it.
    if "alert" in _TAGS.get(_path.stem, ()):
        ALERT_PLANTS[_path.stem] = read_plant(_path)
    if _TAGS.get(_path.stem) != ("alert",):
        PLANTS[_path.stem] = read_plant(_path)


def do_plant(live: Session, plant: Plant) -> None:
    """Plant a defect, with triggers off: foreign keys among them, and the queue."""
    live.rows("SET session_replication_role = replica")
    for statement in plant.statements:
        live.rows(statement)
    live.rows("SET session_replication_role = origin")
