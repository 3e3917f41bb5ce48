-- owner: finance
-- tier: T3
-- grain: month x product x currency
-- key: month_start, product_id, currency_code
-- refresh: daily
-- description: Principal paid ahead of schedule, as a share of a month (SMM) and of a year (CPR), for months between two published month-ends
-- column month_start: First day of the month
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column currency_code: Currency of the amounts, ISO 4217
-- column loans: Loans that were active and owed principal at the month-end before, by its snapshot
-- column opening_balance: Their outstanding principal at that month-end
-- column sched_principal: Principal of their instalments due in the month (plan in force on the due date) before they left the book, loan by loan at most its opening balance
-- column paid_principal: Their principal_paid less principal_recovered and principal_refunded, snapshot of the month's end less the one before, loan by
--     loan at least 0
-- column unsched_principal: Loan by loan paid less scheduled principal, at most by how much the outstanding principal at the month's end is below the principal
--     that the plan then in force schedules after it, at least 0, at most what was not scheduled of the opening balance
-- column smm: Single monthly mortality: unsched_principal / (opening_balance - sched_principal), a fraction, 6 places; NULL: all was scheduled
-- column cpr: Conditional prepayment rate: 1 - (1 - smm) to the power of 12, a fraction, from the unrounded smm, 6 places
CREATE VIEW analytics.v_prepayment_analysis AS
WITH rate AS (
    SELECT
        m.month_start,
        m.product_id,
        m.currency_code,
        m.loans,
        m.opening_balance,
        m.sched_principal,
        m.paid_principal,
        m.unsched_principal,
        m.unsched_principal / nullif(m.opening_balance - m.sched_principal, 0) AS smm
    FROM analytics.mv_prepayment AS m
)

SELECT
    r.month_start,
    r.product_id,
    p.code AS product_code,
    p.category AS product_category,
    r.currency_code,
    r.loans,
    r.opening_balance,
    r.sched_principal,
    r.paid_principal,
    r.unsched_principal,
    round(r.smm, 6) AS smm,
    round(1 - power(1 - r.smm, 12), 6) AS cpr
FROM rate AS r
INNER JOIN public.product AS p ON r.product_id = p.id;
