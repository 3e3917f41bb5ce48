-- owner: risk
-- tier: T3
-- grain: cohort month x months on book x product x currency
-- key: cohort_month, mob, product_id, currency_code
-- refresh: daily
-- description: What was lost of the loans of a month after so many months, before and after recoveries; as known today
-- column cohort_month: First day of the month of the first completed disbursement's value date; loans of any status belong to it
-- column mob: Months on book: calendar months from cohort_month to the month of observed_on; only complete months, observed_on up to the earliest business date of the cohort
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column currency_code: Currency of the amounts, ISO 4217
-- column observed_on: Last day of the month observed
-- column originated_n: Loans of the cohort
-- column originated_amt: Their completed disbursements
-- column written_off_n: Loans with status written_off whose exited_on is not after observed_on
-- column cgl: Cumulative gross loss of principal: write_off adjustments by effective_date, and for loans with status written_off what remained, on exited_on
--     (principal_written_off of loan_position less these adjustments; what is recovered later does not lower it); up to observed_on
-- column recovery: Effective allocations of any component to loans with status written_off with a value date after exited_on, up to observed_on
-- column cnl: Cumulative net loss: cgl - recovery
-- column cgl_pct: cgl in percent of originated_amt, 2 places; never falls along the months on book
-- column recovery_pct: recovery in percent of cgl, 2 places; NULL: no loss
-- column cnl_pct: cnl in percent of originated_amt, 2 places
-- column is_small: Whether the cohort has fewer than vintage_minimum_loans (100) loans: its rates say little
-- column needs_signoff: Whether that minimum is a placeholder
CREATE VIEW analytics.v_vintage_loss AS
SELECT
    m.cohort_month,
    m.mob,
    m.product_id,
    p.code AS product_code,
    p.category AS product_category,
    m.currency_code,
    m.observed_on,
    m.originated_n,
    m.originated_amt,
    m.written_off_n,
    m.cgl,
    m.recovery,
    m.cgl - m.recovery AS cnl,
    analytics.percentage(m.cgl, m.originated_amt) AS cgl_pct,
    analytics.percentage(m.recovery, m.cgl) AS recovery_pct,
    analytics.percentage(m.cgl - m.recovery, m.originated_amt) AS cnl_pct,
    m.originated_n < (SELECT analytics.setting_number('vintage_minimum_loans')) AS is_small,
    exists(
        SELECT FROM analytics.provisional_setting AS s
        WHERE s.key = 'vintage_minimum_loans'
    ) AS needs_signoff
FROM analytics.mv_vintage_loss AS m
INNER JOIN public.product AS p ON m.product_id = p.id;
