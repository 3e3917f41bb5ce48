-- owner: data_science
-- tier: T3
-- grain: loan
-- key: loan_id
-- refresh: minute
-- description: Features of every loan as of today. Its outcome flags are of today too, for reports: v_ml_training_set is for training
-- column loan_id: Loan
-- column principal_amount: Amount lent by contract
-- column interest_rate: Interest per year as a fraction
-- column rc_fee_rate: Rently Care fee as a fraction of the principal; NULL: none known
-- column loan_duration_days: Days from start_date to end_date of the contract
-- column loan_age_days: Days since start_date, at least 0
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column borrower_type: Kind of the borrower: individual, corporate ...
-- column customer_relationship_days: Days since the earliest start_date among the borrower's loans, at least 0
-- column total_payments_made: Payments with an effective allocation
-- column on_time_payments: Instalments settled on or before their due date
-- column on_time_payment_rate_pct: on_time_payments in percent of settled instalments; NULL: none settled
-- column avg_days_late: Days between due date and settlement per settled instalment (0 for one on time), rounded to two places; NULL: none settled
-- column max_dpd_reached: Worst days past due so far
-- column total_amount_paid: Principal, interest, fees, penalties and other paid so far
-- column repayment_progress_pct: Principal paid in percent of what was disbursed and taken over; NULL: nothing was
-- column collections_events_count: Events of collections up to today in the company's zone
-- column reminder_count: Of them, reminder_sent
-- column call_attempts: Of them, call_attempt and call_successful
-- column legal_actions_count: Of them, legal_notice, lawyer_letter and court_filing
-- column origination_month: First day of the month of the first disbursement, of start_date before that
-- column origination_day_of_week: Weekday of it, 0 Sunday to 6 Saturday
-- column currency_code: Currency of all amounts, ISO 4217
-- column country_code: Country of the company that lends
-- column is_currently_default: 1: non-performing today (loan_risk), else 0
-- column is_written_off: 1: written off, else 0
-- column is_bad_loan: 1: one of the two, else 0
-- column current_risk_score: High: current_dpd over setting risk_score_high_dpd or any legal action; else Medium: current_dpd over risk_score_medium_dpd or
--     avg_days_late over risk_score_medium_days_late; else Low: ever late (max_dpd_reached or avg_days_late above 0); else Minimal
-- column legal_entity_id: Company that lends
-- column business_date: Day for which it holds
-- column status: Status of the contract
-- column current_dpd: Days past due today
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding_principal: Principal still owed
-- column is_forborne: 1: flag forborne holds, else 0
CREATE VIEW analytics.v_ml_features_default_prediction AS
SELECT
    f.loan_id,
    f.principal_amount,
    f.interest_rate,
    f.rc_fee_rate,
    f.loan_duration_days,
    f.loan_age_days,
    f.product_category,
    f.business_unit,
    f.borrower_type,
    f.customer_relationship_days,
    f.payment_count AS total_payments_made,
    f.on_time_payments::bigint AS on_time_payments,
    f.on_time_payment_rate_pct,
    f.avg_days_late,
    f.max_dpd_reached,
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
    r.is_default::integer AS is_currently_default,
    (f.status = 'written_off')::integer AS is_written_off,
    (r.is_default OR f.status = 'written_off')::integer AS is_bad_loan,
    CASE
        WHEN f.current_dpd > (SELECT analytics.setting_number('risk_score_high_dpd')) OR f.legal_actions_count > 0 THEN 'High'
        WHEN
            f.current_dpd > (SELECT analytics.setting_number('risk_score_medium_dpd'))
            OR f.avg_days_late > (SELECT analytics.setting_number('risk_score_medium_days_late'))
            THEN 'Medium'
        WHEN f.max_dpd_reached > 0 OR f.avg_days_late > 0 THEN 'Low'
        ELSE 'Minimal'
    END AS current_risk_score,
    f.legal_entity_id,
    f.day AS business_date,
    f.status,
    f.current_dpd,
    f.arrears,
    f.outstanding_principal,
    f.is_forborne::integer AS is_forborne
FROM analytics.loan_feature_by_day AS f
INNER JOIN analytics.loan_risk AS r ON f.loan_id = r.loan_id
INNER JOIN public.legal_entity AS e ON f.legal_entity_id = e.id
WHERE f.period = 'infinity';
