"""What somebody may change by hand in a live database, and what `rently-db drift` says of it."""

from __future__ import annotations

ROLE = "rently_test_app"
"""A role that things are granted to."""

# What somebody does by hand, and what is reported of it: kind, name, what. They don't touch each other, and are planted all together.
PLANTED: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]] = {
    "column dropped, and its check with it": (
        ("ALTER TABLE loan DROP COLUMN installment_period",),
        (
            ("column", "public.loan.installment_period", "there"),
            ("constraint", "loan_installment_period_check on public.loan", "there"),
        ),
    ),
    "column type": (
        ("ALTER TABLE document ALTER COLUMN file_size_bytes TYPE integer",),
        (("column", "public.document.file_size_bytes", "type"),),
    ),
    "default": (("ALTER TABLE loan ALTER COLUMN status SET DEFAULT 'closed'",), (("column", "public.loan.status", "default"),)),
    "default dropped": (("ALTER TABLE payment ALTER COLUMN id DROP DEFAULT",), (("column", "public.payment.id", "default"),)),
    "not null": (("ALTER TABLE loan ALTER COLUMN product_id DROP NOT NULL",), (("column", "public.loan.product_id", "null"),)),
    "check dropped": (
        ("ALTER TABLE loan DROP CONSTRAINT loan_amounts_positive",),
        (("constraint", "loan_amounts_positive on public.loan", "there"),),
    ),
    "check text": (
        (
            "ALTER TABLE payment DROP CONSTRAINT payment_amount_positive",
            "ALTER TABLE payment ADD CONSTRAINT payment_amount_positive CHECK (amount >= 0)",
        ),
        (("constraint", "payment_amount_positive on public.payment", "definition"),),
    ),
    "foreign key not valid": (
        (
            (
                "DO $$ DECLARE d text := pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'loan_product_id_fkey'; BEGIN "
                "ALTER TABLE loan DROP CONSTRAINT loan_product_id_fkey; "
                "EXECUTE 'ALTER TABLE loan ADD CONSTRAINT loan_product_id_fkey ' || d || ' NOT VALID'; END $$"
            ),
        ),
        (("constraint", "loan_product_id_fkey on public.loan", "validated"),),
    ),
    "constraint added": (
        ("ALTER TABLE party ADD CONSTRAINT by_hand CHECK (display_name <> 'nobody')",),
        (("constraint", "by_hand on public.party", "there"),),
    ),
    "index dropped": (("DROP INDEX ix_payment_allocation_line_id",), (("index", "public.ix_payment_allocation_line_id", "there"),)),
    "index otherwise": (
        ("DROP INDEX ix_loan_status", "CREATE INDEX ix_loan_status ON loan (status, id)"),
        (("index", "public.ix_loan_status", "definition"),),
    ),
    "index invalid": (
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_payment_allocation_loan_id'::regclass",),
        (("index", "public.ix_payment_allocation_loan_id", "usable"),),
    ),
    "primary key invalid": (
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'decision_pkey'::regclass",),
        (("index", "public.decision_pkey", "usable"),),
    ),
    "trigger disabled": (
        ("ALTER TABLE loan DISABLE TRIGGER record_status",),
        (("trigger", "record_status on public.loan", "state"),),
    ),
    "trigger always": (
        ("ALTER TABLE party ENABLE ALWAYS TRIGGER set_updated_at",),
        (("trigger", "set_updated_at on public.party", "state"),),
    ),
    "trigger dropped": (("DROP TRIGGER set_updated_at ON loan",), (("trigger", "set_updated_at on public.loan", "there"),)),
    "trigger added": (
        ("CREATE TRIGGER by_hand BEFORE UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION ops.set_updated_at()",),
        (("trigger", "by_hand on public.payment", "there"),),
    ),
    "foreign keys switched off": (
        ("ALTER TABLE document_link DISABLE TRIGGER ALL",),
        (("table", "public.document_link", "disabled constraints"), ("trigger", "bridge on public.document_link", "state")),
    ),
    "rule added": (("CREATE RULE by_hand AS ON DELETE TO loan DO INSTEAD NOTHING",), (("rule", "by_hand on public.loan", "there"),)),
    "row security": (("ALTER TABLE fx_rate ENABLE ROW LEVEL SECURITY",), (("table", "public.fx_rate", "row security"),)),
    "function": (
        ("CREATE OR REPLACE FUNCTION ops.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",),
        (("function", "ops.refuse_truncate()", "definition"),),
    ),
    "function comment": (
        ("COMMENT ON FUNCTION ops.set_updated_at() IS 'x'",),
        (("function", "ops.set_updated_at()", "comment"),),
    ),
    "function opened": (
        (f"GRANT EXECUTE ON FUNCTION ops.set_updated_at() TO {ROLE} WITH GRANT OPTION",),
        (("function", "ops.set_updated_at()", f"grant EXECUTE to {ROLE}"),),
    ),
    "comment on a table of v1": (("COMMENT ON TABLE loan_flag IS 'other'",), (("table", "public.loan_flag", "comment"),)),
    "comment gone": (("COMMENT ON COLUMN loan_flag.reason IS NULL",), (("column", "public.loan_flag.reason", "comment"),)),
    "grant": ((f"GRANT UPDATE ON loan_flag TO {ROLE}",), (("table", "public.loan_flag", f"grant UPDATE to {ROLE}"),)),
    "grant on a column": (
        ("GRANT SELECT (reason) ON loan_flag TO PUBLIC",),
        (("column", "public.loan_flag.reason", "grant SELECT to PUBLIC"),),
    ),
    "right of a role of ours taken away, on a table of v0": (
        ("REVOKE INSERT ON loan FROM rently_app",),
        (("table", "public.loan", "grant INSERT to rently_app"),),
    ),
    "right of a role of ours added, on a table of v0": (
        ("GRANT DELETE ON ledger_entry TO rently_app",),
        (("table", "public.ledger_entry", "grant DELETE to rently_app"),),
    ),
    "right on what comes later": (
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA analytics REVOKE SELECT ON TABLES FROM rently_readonly",),
        (("schema", "analytics", "grant SELECT on later tables to rently_readonly"),),
    ),
    "month of the audit that nothing guards": (
        (
            "CREATE TABLE ops.audit_log_2001_01 PARTITION OF ops.audit_log FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')",
            "DROP TRIGGER IF EXISTS guard_change ON ops.audit_log_2001_01",
        ),
        (("partition", "ops.audit_log_2001_01", "there"),),
    ),
    "schema opened": ((f"GRANT USAGE ON SCHEMA ops TO {ROLE}",), (("schema", "ops", f"grant USAGE to {ROLE}"),)),
    "column added to a table of v1": (
        ("ALTER TABLE loan_flag ADD COLUMN by_hand text",),
        (("column", "public.loan_flag.by_hand", "there"),),
    ),
    "collation": (
        ('ALTER TABLE loan_flag ALTER COLUMN reason TYPE text COLLATE "C"',),
        (("column", "public.loan_flag.reason", "collation"),),
    ),
    "identity": (
        ("ALTER TABLE analytics.loan_state_queue ALTER COLUMN id SET GENERATED BY DEFAULT",),
        (("column", "analytics.loan_state_queue.id", "identity"),),
    ),
    "unlogged": (("ALTER TABLE analytics.loan_state SET UNLOGGED",), (("table", "analytics.loan_state", "persistence"),)),
    "policy added": (
        ("CREATE POLICY by_hand ON party_role USING (true)",),
        (("policy", "by_hand on public.party_role", "there"),),
    ),
    "comment on a column whose qualified name is long": (
        ("COMMENT ON COLUMN analytics.v_consolidated_multi_currency_report.fx_rate_to_group_date IS 'x'",),
        (("column", "analytics.v_consolidated_multi_currency_report.fx_rate_to_group_date", "comment"),),
    ),
    "comment on a schema": (("COMMENT ON SCHEMA ops IS 'x'",), (("schema", "ops", "comment"),)),
    "comment on an index": (
        ("COMMENT ON INDEX analytics.ix_loan_state_queue_loan_id IS 'x'",),
        (("index", "analytics.ix_loan_state_queue_loan_id", "comment"),),
    ),
    "comment on a trigger": (
        ("COMMENT ON TRIGGER queue_update ON payment IS NULL",),
        (("trigger", "queue_update on public.payment", "comment"),),
    ),
    "comment on a constraint": (
        ("COMMENT ON CONSTRAINT pk_loan_daily_snapshot ON analytics.loan_daily_snapshot IS 'x'",),
        (("constraint", "pk_loan_daily_snapshot on analytics.loan_daily_snapshot", "comment"),),
    ),
    "index of a partitioned table": (
        ("DROP INDEX analytics.ix_loan_daily_snapshot_loan_id",),
        (("index", "analytics.ix_loan_daily_snapshot_loan_id", "there"),),
    ),
    "partition by hand": (
        ("CREATE TABLE analytics.anything_else PARTITION OF analytics.loan_daily_snapshot DEFAULT",),
        (("partition", "analytics.anything_else", "there"),),
    ),
    "record changed": (
        ("ALTER TABLE ops.row_journal ALTER COLUMN rule DROP NOT NULL",),
        (("column", "ops.row_journal.rule", "null"),),
    ),
}

NOTED: dict[str, tuple[str, tuple[str, str, str]]] = {
    "grant on a table of v0": ("GRANT SELECT ON loan TO rently_test_app", ("table", "public.loan", "grant SELECT to rently_test_app")),
    "comment on a table of v0": ("COMMENT ON COLUMN loan.loan_number IS 'by sales'", ("column", "public.loan.loan_number", "comment")),
    "column on a table of v0": ("ALTER TABLE loan ADD COLUMN nickname text", ("column", "public.loan.nickname", "there")),
    "view of others": ("CREATE VIEW public.theirs AS SELECT 1 AS one", ("view", "public.theirs", "there")),
    "table of others": ("CREATE TABLE analytics.scribble (id integer)", ("table", "analytics.scribble", "there")),
    "function of others": (
        "CREATE FUNCTION ops.theirs() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        ("function", "ops.theirs()", "there"),
    ),
    "index by hand": ("CREATE INDEX by_hand ON loan (end_date)", ("index", "public.by_hand", "there")),
    "storage of a table": ("ALTER TABLE loan SET (fillfactor = 80)", ("table", "public.loan", "options")),
}
