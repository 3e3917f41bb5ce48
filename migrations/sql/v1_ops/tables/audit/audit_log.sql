-- owner: compliance
-- tier: T3
-- grain: row that was written, by one statement
-- key: changed_at, id
-- refresh: live
-- description: Who wrote which row of money, parties and rules, when, from what to what; written by trigger function audit_rows alone, and changed by nobody
-- kept: yes
-- column id: The entry, a UUIDv7
-- column changed_at: Moment of the statement; the partition of its month holds it
-- column actor: Who asked for it: the setting rently.actor of the session, else the database user
-- column db_user: Database user of the session
-- column application: Name that the session gave itself (application_name)
-- column transaction_id: Transaction; entries of one belong together
-- column table_name: Table, of schema public unless it says otherwise
-- column row_id: Row, by its id; NULL: all rows, of a table that was emptied
-- column action: INSERT, UPDATE, DELETE, TRUNCATE
-- column old: What the changed columns said before; of a deleted row all that it said; NULL: it was new, or erased
-- column new: What they say now; NULL: an inserted row says it itself, as old of its next entry does, or it was erased
CREATE TABLE ops.audit_log (
    id uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    actor text NOT NULL,
    db_user text NOT NULL,
    application text,
    transaction_id bigint NOT NULL,
    table_name text NOT NULL,
    row_id text,
    action text NOT NULL CONSTRAINT ck_audit_log_action CHECK (action IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')),
    old jsonb,
    new jsonb,
    CONSTRAINT pk_audit_log PRIMARY KEY (changed_at, id)
) PARTITION BY RANGE (changed_at);
CREATE INDEX ix_audit_log_row ON ops.audit_log (table_name, row_id, changed_at);
CREATE INDEX ix_audit_log_actor ON ops.audit_log (actor, changed_at);
CREATE TABLE ops.audit_log_other PARTITION OF ops.audit_log DEFAULT;
DO $months$ BEGIN
    -- The months to come are made by ensure_audit_partitions(); what is written before they are stands in audit_log_other.
    EXECUTE (
        SELECT string_agg(format(
            'CREATE TABLE ops.audit_log_%s PARTITION OF ops.audit_log FOR VALUES FROM (%L) TO (%L)',
            to_char(m.first_day, 'YYYY_MM'), m.first_day AT TIME ZONE 'UTC', (m.first_day + interval '1 month') AT TIME ZONE 'UTC'
        ), '; ')
        FROM generate_series(0, 1) AS g (ahead)
        CROSS JOIN LATERAL (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => g.ahead)) AS m (first_day)
    )
; END $months$;
