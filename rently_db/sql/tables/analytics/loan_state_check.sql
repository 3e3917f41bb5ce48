-- owner: platform
-- tier: T3
-- grain: row that was found different from what it should be
-- key: id
-- refresh: daily
-- description: What check_loan_state found wrong in the maintained state. Empty is right; each row is a fault of ours, or of who wrote past the triggers
-- column id: Number of the finding
-- column found_at: Moment of the check
-- column loan_id: Loan
-- column line_id: Instalment; NULL: the row of loan_state
-- column problem: missing: there is no such row; unknown: there should be none; different: columns say something else
-- column maintained: The columns that differ, as they were maintained; NULL for a missing row
-- column computed: The same columns computed anew; NULL for a row that should not be
CREATE TABLE analytics.loan_state_check (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_loan_state_check PRIMARY KEY,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    loan_id uuid NOT NULL,
    line_id uuid,
    problem text NOT NULL CONSTRAINT ck_loan_state_check_problem_check CHECK (problem IN ('missing', 'unknown', 'different')),
    maintained jsonb,
    computed jsonb
);
CREATE INDEX ix_loan_state_check_loan_id ON analytics.loan_state_check (loan_id);
