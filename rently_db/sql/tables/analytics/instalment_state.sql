-- owner: platform
-- tier: T1
-- grain: instalment that fell due, or on which something was paid
-- key: line_id
-- refresh: minute
-- description: What is paid and unpaid on each instalment as of its loan's loan_state.as_of; written by process_loan_queue alone
-- column line_id: Instalment
-- column loan_id: Loan that owes it
-- column plan_id: Plan of the instalment
-- column in_force: Whether its plan is the source of what is owed; others are kept for what they tell of the past
-- column owed_from: First day on which its plan holds
-- column owed_until: First day on which its plan no longer holds; infinity for an open one
-- column seq_no: Position in the plan
-- column due_date: Last day on which paying is on time
-- column due: Amount due, all components, in the loan's currency
-- column paid_principal: Principal settled by payments, waivers, write-offs and transfers, less refunds
-- column paid_interest: Interest settled likewise
-- column paid_rc_fee: Rently Care fee settled likewise
-- column paid_penalty: Penalty settled likewise
-- column paid_other: Other amounts settled likewise
-- column unpaid_principal: Principal due and not settled, >= 0
-- column unpaid_interest: Interest due and not settled, >= 0
-- column unpaid_rc_fee: Rently Care fee due and not settled, >= 0
-- column unpaid_penalty: Penalty due and not settled, >= 0
-- column unpaid_other: Other amounts due and not settled, >= 0
-- column unpaid: Sum of the unpaid components
-- column is_settled: Whether unpaid is within the product's tolerance
-- column settled_on: First value date from which on it has been settled; NULL while unsettled, or where nothing was due or paid
-- column is_material: Whether more than the tolerance was due, so that it could be late at all
-- column changed_on: Days on which it was settled, or open again, in turn from the first; NULL unless a refund opened one that was settled
CREATE TABLE analytics.instalment_state (
    line_id uuid NOT NULL CONSTRAINT pk_instalment_state PRIMARY KEY,
    loan_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    in_force boolean NOT NULL,
    owed_from date NOT NULL,
    owed_until date NOT NULL,
    seq_no integer NOT NULL,
    due_date date NOT NULL,
    due numeric NOT NULL,
    paid_principal numeric NOT NULL,
    paid_interest numeric NOT NULL,
    paid_rc_fee numeric NOT NULL,
    paid_penalty numeric NOT NULL,
    paid_other numeric NOT NULL,
    unpaid_principal numeric NOT NULL,
    unpaid_interest numeric NOT NULL,
    unpaid_rc_fee numeric NOT NULL,
    unpaid_penalty numeric NOT NULL,
    unpaid_other numeric NOT NULL,
    unpaid numeric NOT NULL,
    is_settled boolean NOT NULL,
    settled_on date,
    is_material boolean NOT NULL,
    changed_on date[]
);
CREATE INDEX ix_instalment_state_loan_id ON analytics.instalment_state (loan_id, due_date);
CREATE INDEX ix_instalment_state_unsettled ON analytics.instalment_state (due_date, loan_id) INCLUDE (unpaid) WHERE in_force
AND NOT is_settled;
CREATE INDEX ix_instalment_state_due_date ON analytics.instalment_state (due_date) WHERE in_force;
