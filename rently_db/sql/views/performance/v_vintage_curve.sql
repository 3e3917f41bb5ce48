-- owner: risk
-- tier: T3
-- grain: cohort month x months on book x product x currency
-- key: cohort_month, mob, product_id, currency_code
-- refresh: daily
-- description: Which part of the loans of a month had ever been 30, 60 or 90 days past due after so many months; never falls along the months on book
-- column cohort_month: First day of the month of the first completed disbursement's value date; loans of any status belong to it, closed and written off as well
-- column mob: Months on book: calendar months from cohort_month to the month of observed_on. Only those whose month-end is published, by which every loan of the
--     cohort has reached that age
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column currency_code: Currency of the amounts, ISO 4217
-- column observed_on: The month-end observed
-- column originated_n: Loans of the cohort, as known today
-- column originated_amt: Their completed disbursements, as known today
-- column ever30: Loans whose max_dpd was over 30 in the snapshot of any published month-end up to observed_on
-- column ever60: The same over 60
-- column ever90: The same over 90
-- column ever30_amt: Completed disbursements, as known today, of the loans of ever30
-- column ever60_amt: The same of ever60
-- column ever90_amt: The same of ever90
-- column ever30_pct: ever30 in percent of originated_n, 2 places
-- column ever60_pct: ever60 in percent of originated_n, 2 places
-- column ever90_pct: ever90 in percent of originated_n, 2 places
-- column ever30_amt_pct: ever30_amt in percent of originated_amt, 2 places
-- column ever60_amt_pct: ever60_amt in percent of originated_amt, 2 places
-- column ever90_amt_pct: ever90_amt in percent of originated_amt, 2 places
-- column is_small: Whether the cohort has fewer than vintage_minimum_loans (100) loans: its rates say little
-- column needs_signoff: Whether that minimum is a placeholder
CREATE VIEW analytics.v_vintage_curve AS
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
    m.ever30,
    m.ever60,
    m.ever90,
    m.ever30_amt,
    m.ever60_amt,
    m.ever90_amt,
    analytics.percentage(m.ever30, m.originated_n) AS ever30_pct,
    analytics.percentage(m.ever60, m.originated_n) AS ever60_pct,
    analytics.percentage(m.ever90, m.originated_n) AS ever90_pct,
    analytics.percentage(m.ever30_amt, m.originated_amt) AS ever30_amt_pct,
    analytics.percentage(m.ever60_amt, m.originated_amt) AS ever60_amt_pct,
    analytics.percentage(m.ever90_amt, m.originated_amt) AS ever90_amt_pct,
    m.originated_n < (SELECT analytics.setting_number('vintage_minimum_loans')) AS is_small,
    exists(
        SELECT FROM analytics.provisional_setting AS s
        WHERE s.key = 'vintage_minimum_loans'
    ) AS needs_signoff
FROM analytics.mv_vintage_curve AS m
INNER JOIN public.product AS p ON m.product_id = p.id;
