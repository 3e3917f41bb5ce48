-- owner: data_science
-- tier: T3
-- grain: loan x published month-end at which it was on the book and below the non-performing threshold
-- key: month_end, loan_id
-- refresh: daily
-- description: Features at a month-end t, as they were then, and whether the loan went bad in the twelve months after t; nothing later than t is in a feature
-- column month_end: The month-end, t
-- column loan_id: Loan
-- column principal_amount: Amount lent by contract
-- column interest_rate: Interest per year as a fraction
-- column rc_fee_rate: Rently Care fee as a fraction of the principal; NULL: none known
-- column loan_duration_days: Days from start_date to end_date of the contract
-- column loan_age_days: Days from start_date to t, at least 0
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column borrower_type: Kind of the borrower
-- column customer_relationship_days: Days from the earliest start_date among the borrower's loans to t, at least 0
-- column settled_instalments: Instalments settled by t
-- column on_time_payments: Of them, those settled on or before their due date
-- column on_time_payment_rate_pct: on_time_payments in percent of settled_instalments; NULL: none settled
-- column avg_days_late: Days late per settled instalment; NULL: none settled
-- column current_dpd: Days past due at t
-- column max_dpd_reached: Worst days past due up to t
-- column arrears: Unpaid amount of overdue instalments at t
-- column outstanding_principal: Principal owed at t
-- column total_amount_paid: Paid by t
-- column repayment_progress_pct: Principal paid by t in percent of what was disbursed and taken over
-- column collections_events_count: Events of collections up to the end of t
-- column reminder_count: Of them, reminder_sent
-- column call_attempts: Of them, call_attempt and call_successful
-- column legal_actions_count: Of them, legal_notice, lawyer_letter and court_filing
-- column origination_month: First day of the month of the first disbursement
-- column origination_day_of_week: Weekday of it, 0 Sunday to 6 Saturday
-- column currency_code: Currency of all amounts, ISO 4217
-- column country_code: Country of the company that lends
-- column is_forborne: 1: flag forborne held at t, else 0
-- column label_horizon: Month-end twelve months after t
-- column label: 1: beyond the non-performing threshold on a day in (t, label_horizon], or written off by then; 0: neither; NULL: not observed
-- column label_observed: Whether label_horizon is published, so that the label is known
CREATE VIEW analytics.v_ml_training_set AS
SELECT
    t.month_end,
    t.loan_id,
    f.principal_amount,
    f.interest_rate,
    f.rc_fee_rate,
    f.loan_duration_days,
    f.loan_age_days,
    f.product_category,
    f.business_unit,
    f.borrower_type,
    f.customer_relationship_days,
    f.settled_instalments,
    f.on_time_payments,
    f.on_time_payment_rate_pct,
    f.avg_days_late,
    f.current_dpd,
    f.max_dpd_reached,
    f.arrears,
    f.outstanding_principal,
    f.total_amount_paid,
    f.repayment_progress_pct,
    f.collections_events_count,
    f.reminder_count,
    f.call_attempts,
    f.legal_actions_count,
    f.origination_month,
    f.origination_day_of_week,
    f.currency_code,
    e.country_code,
    f.is_forborne::integer AS is_forborne,
    t.horizon AS label_horizon,
    t.label,
    t.label IS NOT NULL AS label_observed
FROM analytics.default_label AS t
INNER JOIN analytics.loan_feature_by_day AS f ON t.month_end = f.period AND t.loan_id = f.loan_id
INNER JOIN public.legal_entity AS e ON f.legal_entity_id = e.id;
