-- owner: finance
-- tier: T1
-- grain: loan
-- key: loan_id
-- refresh: minute
-- description: Payments of each loan in short. No copy is kept: loan_state has the sums
-- column loan_id: Loan; every loan has a row
-- column payment_count: Payments with an effective allocation to the loan
-- column total_allocated: Effective allocations, all components
-- column last_payment_date: Value date of the last payment; NULL: none
-- column first_payment_date: Value date of the first payment; NULL: none
-- column avg_payment_amount: total_allocated / payment_count, rounded to two places; NULL: none
CREATE VIEW analytics.mv_payment_summary_cache AS
SELECT
    d.loan_id,
    d.payment_count,
    d.total_allocated,
    d.last_payment_date,
    d.first_payment_date,
    round(d.total_allocated / nullif(d.payment_count, 0), 2) AS avg_payment_amount
FROM analytics.mv_payment_summary_detailed AS d;
