-- owner: platform
-- tier: T1
-- grain: loan
-- key: loan_id
-- refresh: minute
-- description: Where each loan stands as of as_of, in dates rather than days, so that nights rewrite nothing; written by process_loan_queue alone
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column borrower_party_id: Party that owes the loan
-- column obligor_id: Group of connected borrowers, else the borrower
-- column as_of: Business date of the loan's legal entity for which the row was computed
-- column next_change_on: First day after as_of on which the row would change by itself; infinity: none
-- column month: First day of the month of as_of, to which the next three columns belong
-- column payment_count: Payments with an effective allocation
-- column computed_at: Moment of the computation
-- column grace_days: Days of grace of the product
-- column paused_days: Days of payment pause after overdue_since up to as_of
-- column past_max_dpd: Worst days past due of instalments that are no longer overdue
-- column overdue_lines: Overdue instalments
-- column settled_lines: Instalments settled
-- column on_time_lines: Instalments settled on or before their due date
-- column late_days: Days between due date and settlement, summed over instalments settled late
-- column is_paused: Whether a payment pause holds on as_of
-- column is_forborne: Flag forborne holds
-- column is_unlikely_to_pay: Flag unlikely_to_pay holds
-- column is_significant_increase: Flag significant_increase holds
-- column currency_code: Currency of all amounts, ISO 4217
-- column status: Status of the contract: active, closed, written_off, transferred
-- column overdue_since: Due date of the oldest overdue instalment; NULL: none
-- column exited_on: Day on which a written-off or transferred loan left the book; NULL: it is on the book
-- column closed_on: Day from which a closed loan is closed; NULL: it is not
-- column outstanding_principal: Principal still owed, >= 0
-- column arrears: Unpaid amount of overdue instalments, all components
-- column approved_principal: Amount lent by contract
-- column disbursed_principal: Completed disbursements
-- column first_disbursed_on: Value date of the first completed disbursement; NULL: none yet
-- column last_disbursed_on: Value date of the last completed disbursement; NULL: none yet
-- column principal_paid: Principal paid, whatever plan or instalment it settled
-- column principal_recovered: Principal among it that was paid after the loan had left the book
-- column principal_waived: Principal waived
-- column principal_written_off: Principal written off, with what remained when the contract was written off
-- column principal_refunded: Principal given back
-- column transferred_in: Principal taken over from other loans
-- column transferred_out: Principal moved to other loans, with what remained when the contract was transferred
-- column overpaid_principal: Principal paid beyond what was owed, >= 0
-- column interest_outstanding: Interest due and unpaid
-- column rc_fee_outstanding: Rently Care fee due and unpaid
-- column penalty_outstanding: Penalty due and unpaid
-- column other_outstanding: Other amounts due and unpaid
-- column interest_paid: Interest paid so far
-- column rc_fee_paid: Rently Care fee paid so far
-- column penalty_paid: Penalties paid so far
-- column other_paid: Other amounts paid so far
-- column first_paid_on: Value date of the first; NULL: none
-- column last_paid_on: Value date of the last; NULL: none
-- column unapplied_cash: Cash of payments that first settled this loan and is not allocated
-- column arrears_principal: Principal among it
-- column arrears_interest: Interest among it
-- column arrears_rc_fee: Rently Care fee among it
-- column arrears_penalty: Penalty among it
-- column arrears_other: Other amounts among it
-- column past_npl_day: Last day on which such an instalment was beyond the non-performing threshold; NULL: never
-- column next_due_on: Next due date of an unsettled instalment, today or later; NULL: none
-- column next_due_amount: Unpaid amount of that day
-- column month_due: Amount of instalments with a due date in the month up to as_of
-- column month_due_paid: What of it is settled, each component at most what is due
-- column month_received: Effective allocations with a value date in the month
CREATE TABLE analytics.loan_state (
    -- What many views read of every loan stands first, and what has a fixed length before what has not: the
    -- rest of a row need not be unpacked.
    loan_id uuid NOT NULL CONSTRAINT pk_loan_state PRIMARY KEY,
    legal_entity_id uuid NOT NULL,
    product_id uuid NOT NULL,
    borrower_party_id uuid NOT NULL,
    obligor_id uuid NOT NULL,
    as_of date NOT NULL,
    next_change_on date NOT NULL,
    month date NOT NULL,
    payment_count bigint NOT NULL,
    computed_at timestamptz NOT NULL,
    grace_days integer NOT NULL,
    paused_days integer NOT NULL,
    past_max_dpd integer NOT NULL,
    overdue_lines integer NOT NULL,
    settled_lines integer NOT NULL,
    on_time_lines integer NOT NULL,
    late_days integer NOT NULL,
    is_paused boolean NOT NULL,
    is_forborne boolean NOT NULL,
    is_unlikely_to_pay boolean NOT NULL,
    is_significant_increase boolean NOT NULL,
    currency_code char(3) NOT NULL,
    status text NOT NULL,
    overdue_since date,
    exited_on date,
    closed_on date,
    outstanding_principal numeric NOT NULL,
    arrears numeric NOT NULL,
    approved_principal numeric NOT NULL,
    disbursed_principal numeric NOT NULL,
    first_disbursed_on date,
    last_disbursed_on date,
    principal_paid numeric NOT NULL,
    principal_recovered numeric NOT NULL,
    principal_waived numeric NOT NULL,
    principal_written_off numeric NOT NULL,
    principal_refunded numeric NOT NULL,
    transferred_in numeric NOT NULL,
    transferred_out numeric NOT NULL,
    overpaid_principal numeric NOT NULL,
    interest_outstanding numeric NOT NULL,
    rc_fee_outstanding numeric NOT NULL,
    penalty_outstanding numeric NOT NULL,
    other_outstanding numeric NOT NULL,
    interest_paid numeric NOT NULL,
    rc_fee_paid numeric NOT NULL,
    penalty_paid numeric NOT NULL,
    other_paid numeric NOT NULL,
    first_paid_on date,
    last_paid_on date,
    unapplied_cash numeric NOT NULL,
    arrears_principal numeric NOT NULL,
    arrears_interest numeric NOT NULL,
    arrears_rc_fee numeric NOT NULL,
    arrears_penalty numeric NOT NULL,
    arrears_other numeric NOT NULL,
    past_npl_day date,
    next_due_on date,
    next_due_amount numeric,
    month_due numeric NOT NULL,
    month_due_paid numeric NOT NULL,
    month_received numeric NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX ix_loan_state_next_change_on ON analytics.loan_state (next_change_on);
CREATE INDEX ix_loan_state_overdue_since ON analytics.loan_state (overdue_since) WHERE overdue_since IS NOT NULL;
CREATE INDEX ix_loan_state_obligor_id ON analytics.loan_state (obligor_id);
CREATE INDEX ix_loan_state_borrower_party_id ON analytics.loan_state (borrower_party_id);
CREATE INDEX ix_loan_state_undisbursed ON analytics.loan_state (loan_id)
WHERE status = 'active' AND approved_principal > disbursed_principal + transferred_in;
