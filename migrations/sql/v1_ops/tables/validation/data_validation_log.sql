-- owner: platform
-- tier: T3
-- grain: check of a rule in a run
-- key: id
-- refresh: live
-- description: Result of every check of a rule, with the first rows that offend it; written by check_rule alone
-- kept: yes
-- column id: Number of the check
-- column run_id: Run of validation_run that it belongs to
-- column validation_type: Kind of the rule, e.g. INTEGRITY
-- column validation_name: Rule
-- column table_name: Table whose rows were checked
-- column column_name: Column that the rule is about; NULL: several, or the row as a whole
-- column validation_status: PASS: no row offends; FAIL, WARNING, INFO: the severity of the worst offender; FAIL also if the rule could not be evaluated
-- column record_count: Rows of the table; of a large one as PostgreSQL last counted them; NULL: unknown
-- column violation_count: Rows that offend and are not exempt
-- column validation_message: What was found, and how to mend it
-- column details: ids: up to 20 of the rows that offend; found: what was found in each; exempt: how many are exempt; error: why it could not be evaluated
-- column seconds: How long it took
-- column validation_time: Moment of the check
CREATE TABLE ops.data_validation_log (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_data_validation_log PRIMARY KEY,
    run_id bigint NOT NULL,
    validation_type text NOT NULL,
    validation_name text NOT NULL,
    table_name text NOT NULL,
    column_name text,
    validation_status text NOT NULL
    CONSTRAINT ck_data_validation_log_status CHECK (validation_status IN ('PASS', 'FAIL', 'WARNING', 'INFO')),
    record_count bigint,
    violation_count bigint NOT NULL,
    validation_message text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    seconds numeric NOT NULL,
    validation_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_data_validation_log_run_id ON ops.data_validation_log (run_id);
CREATE INDEX ix_data_validation_log_validation_name ON ops.data_validation_log (validation_name, validation_time);
CREATE INDEX ix_data_validation_log_validation_time ON ops.data_validation_log (validation_time);
