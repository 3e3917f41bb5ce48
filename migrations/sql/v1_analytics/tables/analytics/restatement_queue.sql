-- owner: platform
-- tier: T3
-- grain: note that a loan changed after month-ends were published
-- key: id
-- refresh: minute
-- description: Loans of which published month-ends may look different now, noted by process_loan_queue; restate_snapshots takes them off
-- column id: Number of the note
-- column loan_id: Loan
-- column noted_at: Moment of the note
CREATE TABLE analytics.restatement_queue (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_restatement_queue PRIMARY KEY,
    loan_id uuid NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_restatement_queue_loan_id ON analytics.restatement_queue (loan_id);
