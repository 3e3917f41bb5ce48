-- owner: platform
-- tier: T0
-- grain: note that a loan changed
-- key: id
-- refresh: live
-- description: Loans to be computed anew, written by the queue triggers of the tables that money depends on; process_loan_queue takes them off
-- column id: Number of the note
-- column loan_id: Loan
-- column enqueued_at: Moment of the change
CREATE TABLE analytics.loan_state_queue (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_loan_state_queue PRIMARY KEY,
    loan_id uuid NOT NULL,
    enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_loan_state_queue_loan_id ON analytics.loan_state_queue (loan_id);
