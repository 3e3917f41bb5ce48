"""How each criterion of `rently-db golive` is broken: criterion, statements, and how what is said of it reads."""

from __future__ import annotations

BY_HAND = "INSERT INTO ops.alert_rules (rule_name, description, severity, query) VALUES"
BREAKS = {
    "a critical incident": (
        "incidents",
        (f"{BY_HAND} ('by_hand', 'Vault open', 'critical', 'SELECT 1 AS id, 2 AS detail')", "SELECT ops.evaluate_alert_rules()"),
        "by_hand: Vault open: 1 row, open for ",
    ),
    "a constraint not validated": (
        "in_force",
        ("ALTER TABLE public.payment ADD CONSTRAINT by_hand CHECK (amount > -1) NOT VALID",),
        "constraints_validated: 1 found, payment by_hand not validated",
    ),
    "a dropped index": ("drift", ("DROP INDEX public.ix_payment_allocation_loan_id",), "ix_payment_allocation_loan_id is missing"),
    "a trigger that is off": (
        "self_tests",
        ("ALTER TABLE public.payment_allocation DISABLE TRIGGER check_new",),
        "refuses_more_than_was_paid: ",
    ),
    "an offender": (
        "validation",
        ("UPDATE public.loan SET interest_rate = 7 WHERE id = (SELECT min(id::text)::uuid FROM public.loan)",),
        "interest_rate_range fails: 1 row",
    ),
    "a lost row": (
        "accounts",
        ("UPDATE ops.account SET rows_after = rows_after - 1, rows_close = false WHERE table_name = 'payment'",),
        "payment, rows: expected ",
    ),
    "a slow view": (
        "query_times",
        (
            "ALTER VIEW analytics.v_unallocated_cash RENAME TO quick",
            """CREATE VIEW analytics.v_unallocated_cash AS
                WITH slow AS MATERIALIZED (SELECT pg_sleep(4)) SELECT q.* FROM slow LEFT JOIN analytics.quick AS q ON true""",
        ),
        "v_unallocated_cash (T0): more than 3 s",
    ),
    "a stale view": (
        "freshness",
        ("UPDATE analytics.refresh_log SET started_at = started_at - interval '3 days' WHERE view_name = 'mv_receipt'",),
        "mv_receipt: last refreshed at ",
    ),
    "a rule switched off": (
        "alerts",
        ("UPDATE ops.alert_rules SET is_active = false WHERE rule_name = 'fx_rate_missing'",),
        "alert rules are switched off: fx_rate_missing",
    ),
    "no task has run": ("schedules", ("UPDATE analytics.due_task SET last_run = NULL",), "no task has ever run"),
    "a right taken away": (
        "permissions",
        ("REVOKE SELECT ON analytics.v_loan_balance FROM rently_readonly",),
        "grant SELECT to rently_readonly of view analytics.v_loan_balance",
    ),
}
"""What is done to a database -> the criterion that is broken by it, and words of the evidence."""
OTHERS = {
    "a column that the models have": (
        "revision",
        ("ALTER TABLE public.party RENAME COLUMN phone TO telephone",),
        "lacks column party.phone, which the models of rently_db need",
    ),
    "an invalid index": (
        "in_force",
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.ix_payment_allocation_loan_id'::regclass",),
        "indexes_valid: 1 found, ix_payment_allocation_loan_id invalid",
    ),
    "a changed view": (
        "drift",
        ("CREATE OR REPLACE VIEW ops.rule_trial_balance AS SELECT ''::text AS id, ''::text AS detail WHERE false",),
        "definition of view ops.rule_trial_balance",
    ),
    "an open account": (
        "accounts",
        ("UPDATE ops.account SET closed_at = NULL WHERE table_name = 'loan'",),
        "loan: the migration has not come to its end",
    ),
    "an account that is gone": (
        "accounts",
        ("DELETE FROM ops.account WHERE table_name = 'party'",),
        "v0 was carried over, and no account is kept of party",
    ),
    "a view that is gone": (
        "query_times",
        ("ALTER VIEW analytics.v_time_to_decision RENAME TO elsewhere",),
        "v_time_to_decision (T3): can't be read: ",
    ),
    "loans that wait": (
        "freshness",
        (
            "INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM public.loan LIMIT 1",
            "UPDATE analytics.loan_state_queue SET enqueued_at = enqueued_at - interval '1 hour'",
        ),
        "loan_state_queue: 1 notes, the oldest of ",
    ),
    "a rule that is gone": (
        "alerts",
        ("DELETE FROM ops.alert_rules WHERE rule_name = 'slow_queries_detected'",),
        "alert rules are missing: slow_queries_detected",
    ),
    "rules not asked": (
        "alerts",
        ("UPDATE ops.alert_state SET evaluated_at = evaluated_at - interval '1 day'",),
        "alert rules were not asked in time: failed_payments_spike, high_loan_creation_rate",
    ),
    "a rule in error": (
        "alerts",
        ("UPDATE ops.alert_state SET error = 'no such table' WHERE rule_name = 'fx_rate_missing'",),
        "alert rule fx_rate_missing could not be evaluated: no such table",
    ),
    "rules asked as the owner": (
        "alerts",
        ("ALTER FUNCTION ops.look_read_only(text) OWNER TO CURRENT_USER",),
        "alert rules are not evaluated: ops.look_read_only belongs to ",
    ),
    "nobody runs the tasks any more": (
        "schedules",
        ("UPDATE analytics.due_task SET last_run = last_run - interval '1 hour'",),
        "tasks are overdue: evaluate alerts, publish snapshots, queue missing loans, record metrics, refresh minute and 1 more",
    ),
    "a task that failed": (
        "schedules",
        ("UPDATE analytics.due_task SET last_error = 'disk full', last_ok = last_run - interval '1 minute' WHERE name = 'refresh daily'",),
        "task refresh daily failed: disk full",
    ),
    "a task switched off": (
        "schedules",
        ("UPDATE analytics.due_task SET is_active = false WHERE name = 'validate'",),
        "tasks are switched off: validate",
    ),
    "a right for everybody": (
        "permissions",
        ("GRANT SELECT ON ops.audit_log TO PUBLIC",),
        "public_has_nothing: 1 found, e.g. ops.audit_log: SELECT to PUBLIC",
    ),
}
"""More of the same, in another database: two breaks of one kind would hide each other."""
