-- owner: risk
-- tier: T3
-- grain: loan x published month-end x moment from which it is known
-- key: snapshot_date, loan_id, known_at
-- refresh: daily
-- kept: yes
-- description: What a published month-end would say as known later. The latest row of a loan and month-end counts; loan_daily_snapshot stays as it was
-- column snapshot_date: Month-end
-- column loan_id: Loan
-- column known_on: Business date of the loan's legal entity on which it was found; of a deleted loan, that of UTC
-- column known_at: Moment at which it was found
-- column changes: Columns of loan_daily_snapshot that are different now, with their values as known then; empty: as published again;
--    is_missing true: the loan would not be in the snapshot; published false: it was not
CREATE TABLE analytics.loan_snapshot_restatement (
    snapshot_date date NOT NULL,
    loan_id uuid NOT NULL,
    known_on date NOT NULL,
    known_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changes jsonb NOT NULL,
    CONSTRAINT pk_loan_snapshot_restatement PRIMARY KEY (snapshot_date, loan_id, known_at)
);
CREATE INDEX ix_loan_snapshot_restatement_loan_id ON analytics.loan_snapshot_restatement (loan_id);
