-- owner: collections
-- tier: T1
-- grain: product category x currency x collections stage
-- key: product_category, currency_code, current_collections_stage
-- refresh: minute
-- description: Effort and outcome per stage of collections, of loans of status active and written_off; events and recoveries are summed per loan before
--     they are joined. Recoveries are at most a quarter of an hour old
-- column product_category: Category of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column current_collections_stage: Open status of type collections_stage; current if none is open
-- column loans_in_stage: Loans
-- column principal_at_risk: Outstanding principal
-- column avg_max_dpd: Mean of the loans' worst days past due so far, rounded to 2 places
-- column avg_reminders_sent: Events reminder_sent per loan, rounded to 2 places
-- column avg_call_attempts: Calls per loan, rounded to 2 places: events call_attempt and call_successful
-- column call_success_rate_pct: Events call_successful in percent of calls, rounded to 2 places; NULL: no call
-- column loans_with_legal_action: Loans with an event legal_notice, lawyer_letter or court_filing, or an open status of type legal_action other than none
-- column total_recovered_amount: Effective allocations of all components after the loan's first default: mv_loan_default
-- column recovery_rate_pct: recovered_principal / defaulted_principal in percent, rounded to 2 places; NULL: no loan ever was in default
-- column avg_recovery_days: Mean days from the first default to a recovery, weighted by amount, rounded to 2 places; NULL: nothing recovered
-- column stage_sort: Position of the stage
-- column arrears: Unpaid amount of overdue instalments
-- column contacts: Events in which the borrower was reached: call_successful, payment_arrangement, settlement_accepted
-- column contact_rate_pct: Loans with such an event in percent of loans_in_stage, rounded to 2 places
-- column defaulted_loans: Loans that ever were in default by their own days past due, or are written off
-- column defaulted_principal: Outstanding principal of these at their first default
-- column recovered_principal: Principal among total_recovered_amount
-- column needs_signoff: Whether a rule that decides what default is still needs sign-off
CREATE VIEW analytics.v_collections_performance AS
SELECT
    t.product_category,
    t.currency_code,
    t.stage AS current_collections_stage,
    t.loans AS loans_in_stage,
    t.outstanding AS principal_at_risk,
    round(t.max_dpd::numeric / t.loans, 2) AS avg_max_dpd,
    round(t.reminders / t.loans, 2) AS avg_reminders_sent,
    round(t.calls / t.loans, 2) AS avg_call_attempts,
    analytics.percentage(t.calls_answered, t.calls) AS call_success_rate_pct,
    t.legal AS loans_with_legal_action,
    t.recovered_principal + t.recovered_other AS total_recovered_amount,
    analytics.percentage(t.recovered_principal, t.ead) AS recovery_rate_pct,
    round(t.amount_days / nullif(t.recovered_principal + t.recovered_other, 0), 2) AS avg_recovery_days,
    v.sort AS stage_sort,
    t.arrears,
    t.contacts,
    analytics.percentage(t.contacted, t.loans) AS contact_rate_pct,
    t.defaulted AS defaulted_loans,
    t.ead AS defaulted_principal,
    t.recovered_principal,
    t.needs_signoff
FROM analytics.mv_collections_total AS t
LEFT JOIN public.status_value AS v ON v.status_type = 'collections_stage' AND t.stage = v.status_value;
