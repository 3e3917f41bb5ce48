-- owner: risk
-- tier: T3
-- grain: cohort month x months on book x product x currency
-- key: cohort_month, mob, product_id, currency_code
-- refresh: daily
-- description: The figures of v_vintage_curve, where each is defined, from the published month-ends
-- column cohort_month: First day of the month of the first disbursement
-- column mob: Months on book
-- column product_id: Product
-- column currency_code: Currency of the amounts, ISO 4217
-- column observed_on: Month-end that is that many months after the cohort month
-- column originated_n: Loans of the cohort
-- column originated_amt: Their completed disbursements
-- column ever30: Loans that have been over 30 days past due
-- column ever60: Loans that have been over 60 days past due
-- column ever90: Loans that have been over 90 days past due
-- column ever30_amt: Disbursements of those of ever30
-- column ever60_amt: Disbursements of those of ever60
-- column ever90_amt: Disbursements of those of ever90
CREATE MATERIALIZED VIEW analytics.mv_vintage_curve AS
WITH loan AS (
    SELECT
        date_trunc('month', s.first_disbursed_on)::date AS cohort_month,
        s.product_id,
        s.currency_code,
        s.disbursed_principal,
        r.over30,
        r.over60,
        r.over90
    FROM analytics.loan_state AS s
    -- Once reached is reached for ever, even if a later snapshot knows better.
    LEFT JOIN (
        SELECT
            h.loan_id,
            min(h.snapshot_date) FILTER (WHERE h.max_dpd > 30) AS over30,
            min(h.snapshot_date) FILTER (WHERE h.max_dpd > 60) AS over60,
            min(h.snapshot_date) FILTER (WHERE h.max_dpd > 90) AS over90
        FROM analytics.published_day AS d
        INNER JOIN analytics.loan_daily_snapshot AS h ON d.day = h.snapshot_date AND h.max_dpd > 30
        WHERE d.is_month_end
        GROUP BY h.loan_id
    ) AS r ON s.loan_id = r.loan_id
    WHERE s.first_disbursed_on IS NOT NULL
),

-- Loans by the days on which they reached each mark: few rows to hold against every month-end.
cohort AS (
    SELECT
        l.cohort_month,
        l.product_id,
        l.currency_code,
        l.over30,
        l.over60,
        l.over90,
        count(*) AS loans,
        sum(l.disbursed_principal) AS amount
    FROM loan AS l
    GROUP BY l.cohort_month, l.product_id, l.currency_code, l.over30, l.over60, l.over90
)

SELECT
    c.cohort_month,
    (
        12 * (extract(YEAR FROM d.day) - extract(YEAR FROM c.cohort_month)) + extract(MONTH FROM d.day) - extract(MONTH FROM c.cohort_month)
    )::integer AS mob,
    c.product_id,
    c.currency_code,
    d.day AS observed_on,
    sum(c.loans)::bigint AS originated_n,
    sum(c.amount) AS originated_amt,
    coalesce(sum(c.loans) FILTER (WHERE c.over30 <= d.day), 0)::bigint AS ever30,
    coalesce(sum(c.loans) FILTER (WHERE c.over60 <= d.day), 0)::bigint AS ever60,
    coalesce(sum(c.loans) FILTER (WHERE c.over90 <= d.day), 0)::bigint AS ever90,
    coalesce(sum(c.amount) FILTER (WHERE c.over30 <= d.day), 0) AS ever30_amt,
    coalesce(sum(c.amount) FILTER (WHERE c.over60 <= d.day), 0) AS ever60_amt,
    coalesce(sum(c.amount) FILTER (WHERE c.over90 <= d.day), 0) AS ever90_amt
FROM cohort AS c
INNER JOIN analytics.published_day AS d ON d.is_month_end AND c.cohort_month <= d.day
GROUP BY c.cohort_month, c.product_id, c.currency_code, d.day;
CREATE UNIQUE INDEX ix_mv_vintage_curve_key ON analytics.mv_vintage_curve (cohort_month, mob, product_id, currency_code);
