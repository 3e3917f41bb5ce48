-- owner: risk
-- tier: T1
-- grain: loan
-- key: loan_id
-- refresh: minute
-- description: Every loan with its maintained state, days past due, bucket and class on the business date; at most a minute old
-- column loan_id: Loan
-- column legal_entity_name: Name of the company that lends
-- column country_code: Its country
-- column functional_ccy: Currency of its books
-- column business_date: Its business date, for which the figures hold
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
-- column is_forborne: Flag forborne holds
-- column is_unlikely_to_pay: Flag unlikely_to_pay holds
-- column is_significant_increase: Flag significant_increase holds
-- column settled_lines: Instalments settled
-- column on_time_lines: Instalments settled on or before their due date
-- column late_days: Days between due date and settlement, summed over instalments settled late
-- column next_due_on: Next due date of an unsettled instalment, today or later; NULL: none
-- column next_due_amount: Unpaid amount of that day
-- column month_due: Amount of instalments with a due date in the month of the business date, up to it
-- column month_due_paid: What of it is settled, each component at most what is due
-- column month_received: Effective allocations with a value date in that month
-- column days_late: Days since overdue_since; 0: nothing overdue
-- column dpd: Days past due: days_late less grace and paused days
-- column max_dpd: Worst days past due so far
-- column npl_last_day: Last day on which the loan was beyond the non-performing threshold by its own days past due; NULL: never
-- column is_on_book: Whether the loan is active: neither closed nor written off nor transferred
-- column bucket_sort: Position of the standard bucket of dpd, from 0
-- column dpd_bucket: Standard bucket of dpd
-- column dpd_class: Class by dpd alone, by the rules of the country; normal below all of them
-- column is_npl_by_dpd: Whether dpd alone makes it non-performing
-- column computed_at: Moment of the computation
CREATE VIEW analytics.loan_position AS
SELECT
    s.loan_id,
    e.legal_entity_name,
    e.country_code,
    e.functional_ccy,
    e.business_date,
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
    s.is_forborne,
    s.is_unlikely_to_pay,
    s.is_significant_increase,
    s.settled_lines,
    s.on_time_lines,
    s.late_days,
    s.next_due_on,
    s.next_due_amount,
    CASE WHEN s.month = date_trunc('month', e.business_date)::date THEN s.month_due ELSE 0 END AS month_due,
    CASE WHEN s.month = date_trunc('month', e.business_date)::date THEN s.month_due_paid ELSE 0 END AS month_due_paid,
    CASE WHEN s.month = date_trunc('month', e.business_date)::date THEN s.month_received ELSE 0 END AS month_received,
    coalesce(e.business_date - s.overdue_since, 0) AS days_late,
    d.dpd,
    greatest(s.past_max_dpd, d.dpd) AS max_dpd,
    CASE WHEN d.dpd >= e.npl_from THEN e.business_date ELSE s.past_npl_day END AS npl_last_day,
    s.status = 'active' AS is_on_book,
    width_bucket(d.dpd, e.bucket_bounds) - 1 AS bucket_sort,
    e.bucket_labels[width_bucket(d.dpd, e.bucket_bounds)] AS dpd_bucket,
    coalesce(e.class_names[width_bucket(d.dpd, e.class_bounds)], 'normal') AS dpd_class,
    coalesce(d.dpd >= e.npl_from, false) AS is_npl_by_dpd,
    s.computed_at
FROM analytics.loan_state AS s
-- Each company has its day. For an inner join the planner, which knows nothing of a union's columns, would expect few rows.
LEFT JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
CROSS JOIN LATERAL (
    SELECT analytics.days_past_due(s.overdue_since, s.grace_days, s.paused_days, s.is_paused, s.as_of, e.business_date) AS dpd
) AS d;
