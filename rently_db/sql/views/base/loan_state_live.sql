-- owner: platform
-- tier: T0
-- grain: loan
-- key: loan_id
-- refresh: live
-- description: loan_state, but loans that wait in the queue, are new, or change by themselves today are computed on the fly
-- column loan_id: Loan
-- column as_of: Business date of the loan's legal entity for which the row was computed
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column borrower_party_id: Party that owes the loan
-- column obligor_id: Group of connected borrowers, else the borrower
-- column currency_code: Currency of all amounts, ISO 4217
-- column status: Status of the contract: active, closed, written_off, transferred
-- column exited_on: Day on which a written-off or transferred loan left the book; NULL: it is on the book
-- column closed_on: Day from which a closed loan is closed; NULL: it is not
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
-- column outstanding_principal: Principal still owed, >= 0
-- column overpaid_principal: Principal paid beyond what was owed, >= 0
-- column interest_outstanding: Interest due and unpaid
-- column rc_fee_outstanding: Rently Care fee due and unpaid
-- column penalty_outstanding: Penalty due and unpaid
-- column other_outstanding: Other amounts due and unpaid
-- column interest_paid: Interest paid so far
-- column rc_fee_paid: Rently Care fee paid so far
-- column penalty_paid: Penalties paid so far
-- column other_paid: Other amounts paid so far
-- column payment_count: Payments with an effective allocation
-- column first_paid_on: Value date of the first; NULL: none
-- column last_paid_on: Value date of the last; NULL: none
-- column unapplied_cash: Cash of payments that first settled this loan and is not allocated
-- column arrears: Unpaid amount of overdue instalments, all components
-- column arrears_principal: Principal among it
-- column arrears_interest: Interest among it
-- column arrears_rc_fee: Rently Care fee among it
-- column arrears_penalty: Penalty among it
-- column arrears_other: Other amounts among it
-- column overdue_lines: Overdue instalments
-- column overdue_since: Due date of the oldest overdue instalment; NULL: none
-- column grace_days: Days of grace of the product
-- column paused_days: Days of payment pause after overdue_since up to as_of
-- column is_paused: Whether a payment pause holds on as_of
-- column past_max_dpd: Worst days past due of instalments that are no longer overdue
-- column past_npl_day: Last day on which such an instalment was beyond the non-performing threshold; NULL: never
-- column is_forborne: Flag forborne holds
-- column is_unlikely_to_pay: Flag unlikely_to_pay holds
-- column is_significant_increase: Flag significant_increase holds
-- column settled_lines: Instalments settled
-- column on_time_lines: Instalments settled on or before their due date
-- column late_days: Days between due date and settlement, summed over instalments settled late
-- column next_due_on: Next due date of an unsettled instalment, today or later; NULL: none
-- column next_due_amount: Unpaid amount of that day
-- column month: First day of the month of as_of, to which the next three columns belong
-- column month_due: Amount of instalments with a due date in the month up to as_of
-- column month_due_paid: What of it is settled, each component at most what is due
-- column month_received: Effective allocations with a value date in the month
-- column next_change_on: First day after as_of on which the row would change by itself; infinity: none
-- column computed_at: Moment of the computation
CREATE VIEW analytics.loan_state_live AS
SELECT
    u.loan_id,
    u.as_of,
    u.legal_entity_id,
    u.product_id,
    u.borrower_party_id,
    u.obligor_id,
    u.currency_code,
    u.status,
    u.exited_on,
    u.closed_on,
    u.approved_principal,
    u.disbursed_principal,
    u.first_disbursed_on,
    u.last_disbursed_on,
    u.principal_paid,
    u.principal_recovered,
    u.principal_waived,
    u.principal_written_off,
    u.principal_refunded,
    u.transferred_in,
    u.transferred_out,
    u.outstanding_principal,
    u.overpaid_principal,
    u.interest_outstanding,
    u.rc_fee_outstanding,
    u.penalty_outstanding,
    u.other_outstanding,
    u.interest_paid,
    u.rc_fee_paid,
    u.penalty_paid,
    u.other_paid,
    u.payment_count,
    u.first_paid_on,
    u.last_paid_on,
    u.unapplied_cash,
    u.arrears,
    u.arrears_principal,
    u.arrears_interest,
    u.arrears_rc_fee,
    u.arrears_penalty,
    u.arrears_other,
    u.overdue_lines,
    u.overdue_since,
    u.grace_days,
    u.paused_days,
    u.is_paused,
    u.past_max_dpd,
    u.past_npl_day,
    u.is_forborne,
    u.is_unlikely_to_pay,
    u.is_significant_increase,
    u.settled_lines,
    u.on_time_lines,
    u.late_days,
    u.next_due_on,
    u.next_due_amount,
    u.month,
    u.month_due,
    u.month_due_paid,
    u.month_received,
    u.next_change_on,
    u.computed_at
FROM (
    -- Without a condition of its own, so that the planner reads the table itself, and of each row only what is asked for.
    SELECT
        s.loan_id,
        s.as_of,
        s.legal_entity_id,
        s.product_id,
        s.borrower_party_id,
        s.obligor_id,
        s.currency_code,
        s.status,
        s.exited_on,
        s.closed_on,
        s.approved_principal,
        s.disbursed_principal,
        s.first_disbursed_on,
        s.last_disbursed_on,
        s.principal_paid,
        s.principal_recovered,
        s.principal_waived,
        s.principal_written_off,
        s.principal_refunded,
        s.transferred_in,
        s.transferred_out,
        s.outstanding_principal,
        s.overpaid_principal,
        s.interest_outstanding,
        s.rc_fee_outstanding,
        s.penalty_outstanding,
        s.other_outstanding,
        s.interest_paid,
        s.rc_fee_paid,
        s.penalty_paid,
        s.other_paid,
        s.payment_count,
        s.first_paid_on,
        s.last_paid_on,
        s.unapplied_cash,
        s.arrears,
        s.arrears_principal,
        s.arrears_interest,
        s.arrears_rc_fee,
        s.arrears_penalty,
        s.arrears_other,
        s.overdue_lines,
        s.overdue_since,
        s.grace_days,
        s.paused_days,
        s.is_paused,
        s.past_max_dpd,
        s.past_npl_day,
        s.is_forborne,
        s.is_unlikely_to_pay,
        s.is_significant_increase,
        s.settled_lines,
        s.on_time_lines,
        s.late_days,
        s.next_due_on,
        s.next_due_amount,
        s.month,
        s.month_due,
        s.month_due_paid,
        s.month_received,
        s.next_change_on,
        s.computed_at,
        FALSE AS is_computed
    FROM analytics.loan_state AS s
    UNION ALL
    SELECT
        w.loan_id,
        c.as_of,
        c.legal_entity_id,
        c.product_id,
        c.borrower_party_id,
        c.obligor_id,
        c.currency_code,
        c.status,
        c.exited_on,
        c.closed_on,
        c.approved_principal,
        c.disbursed_principal,
        c.first_disbursed_on,
        c.last_disbursed_on,
        c.principal_paid,
        c.principal_recovered,
        c.principal_waived,
        c.principal_written_off,
        c.principal_refunded,
        c.transferred_in,
        c.transferred_out,
        c.outstanding_principal,
        c.overpaid_principal,
        c.interest_outstanding,
        c.rc_fee_outstanding,
        c.penalty_outstanding,
        c.other_outstanding,
        c.interest_paid,
        c.rc_fee_paid,
        c.penalty_paid,
        c.other_paid,
        c.payment_count,
        c.first_paid_on,
        c.last_paid_on,
        c.unapplied_cash,
        c.arrears,
        c.arrears_principal,
        c.arrears_interest,
        c.arrears_rc_fee,
        c.arrears_penalty,
        c.arrears_other,
        c.overdue_lines,
        c.overdue_since,
        c.grace_days,
        c.paused_days,
        c.is_paused,
        c.past_max_dpd,
        c.past_npl_day,
        c.is_forborne,
        c.is_unlikely_to_pay,
        c.is_significant_increase,
        c.settled_lines,
        c.on_time_lines,
        c.late_days,
        c.next_due_on,
        c.next_due_amount,
        c.month,
        c.month_due,
        c.month_due_paid,
        c.month_received,
        c.next_change_on,
        c.computed_at,
        TRUE AS is_computed
    FROM analytics.loan_waiting AS w
    CROSS JOIN LATERAL analytics.loan_state_now(w.loan_id) AS c
) AS u
-- None is NULL. As a list, which is read once: for NOT EXISTS the planner would reckon with looking each loan up.
WHERE u.is_computed OR u.loan_id NOT IN (SELECT w.loan_id FROM analytics.loan_waiting AS w);
