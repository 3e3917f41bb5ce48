-- owner: platform
-- tier: T3
-- grain: statement or table that was measured
-- key: id
-- refresh: live
-- description: What statements took and tables weighed at moments that somebody named, to compare with later; written by take_performance_baseline alone
-- kept: yes
-- column id: Number of the measurement
-- column label: Name of the baseline
-- column taken_at: Moment when it was taken, the same for all its rows
-- column kind: statement, table, or nothing: pg_stat_statements had no statement to measure
-- column subject: Statement with $1, $2 ... for constants, or table with its schema
-- column query_id: Number that pg_stat_statements gave the statement; NULL: a table
-- column calls: Calls since the statistics were reset; NULL: a table
-- column total_ms: Milliseconds of these calls together; NULL: a table
-- column mean_ms: Milliseconds of one of them in the mean; NULL: a table
-- column row_count: Rows that these calls gave or changed; of a table, rows as PostgreSQL estimates them
-- column bytes: Size of a table with its indexes; NULL: a statement
CREATE TABLE ops.performance_baseline (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_performance_baseline PRIMARY KEY,
    label text NOT NULL CONSTRAINT ck_performance_baseline_label CHECK (btrim(label) <> ''),
    taken_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    kind text NOT NULL CONSTRAINT ck_performance_baseline_kind CHECK (kind IN ('statement', 'table', 'nothing')),
    subject text NOT NULL,
    query_id text,
    calls bigint,
    total_ms numeric,
    mean_ms numeric,
    row_count bigint,
    bytes bigint
);
CREATE INDEX ix_performance_baseline_label ON ops.performance_baseline (label);
