-- owner: finance
-- tier: T2
-- grain: week x currency
-- key: week_start, currency_code
-- refresh: quarter_hour
-- description: What falls due in this and the next 11 weeks, and what of it is expected to come in. Every currency of the book has all 12 weeks
-- column week_start: Monday of the week; the first week is that of the earliest business date among the companies
-- column currency_code: Currency of the amounts, ISO 4217
-- column scheduled_amount: Amounts, all components, of instalments due in the week, from the loan's business date on, of loans on the book: of the
--     plan in force on the due date
-- column loans_with_payments: Loans with such instalments
-- column historical_actual_amount: Effective allocations with a value date in the week 12 weeks (84 days) before
-- column historical_payment_count: Payments that these are of
-- column historical_collection_efficiency_pct: Of instalments due in the week 12 weeks before, before the business date and before the loan left
--     the book: what is settled today in percent of what was due, 2 places; NULL: nothing was due
-- column contractual_due: What of scheduled_amount is unpaid today
-- column expected_inflow: Sum over the loans' buckets of today of contractual_due * efficiency, 2 places. Efficiency: mv_bucket_efficiency of the
--     currency and bucket, without one the bucket's default_efficiency_by_bucket; NULL: there is neither
-- column loans_due: Loans with contractual_due above 0
-- column needs_signoff: Whether a default efficiency was used that is a placeholder
-- column as_of: Latest business date among the companies
CREATE VIEW analytics.v_weekly_cash_flow_projections AS
SELECT
    m.week_start,
    m.currency_code,
    m.scheduled_amount,
    m.loans_with_payments,
    m.received_before AS historical_actual_amount,
    m.payments_before AS historical_payment_count,
    analytics.percentage(m.settled_before, m.due_before) AS historical_collection_efficiency_pct,
    m.contractual_due,
    m.expected_inflow,
    m.loans_due,
    m.is_default_efficiency
    AND EXISTS (
        SELECT FROM analytics.provisional_setting AS s
        WHERE s.key = 'default_efficiency_by_bucket'
    ) AS needs_signoff,
    (SELECT max(e.business_date) FROM analytics.entity_day AS e) AS as_of
FROM analytics.mv_weekly_cash_flow AS m;
