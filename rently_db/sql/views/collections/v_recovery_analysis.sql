-- owner: risk
-- tier: T3
-- grain: month of first default x months since x currency
-- key: default_month, months_since, currency_code
-- refresh: daily
-- description: Principal recovered on loans after their first default (by their own days past due, or write-off), up to the month of the business date
-- column default_month: First day of the month of the first default: the cohort
-- column months_since: Calendar months since, from 0
-- column currency_code: Currency of all amounts, ISO 4217
-- column loans: Loans of the cohort
-- column ead: Their exposure: outstanding principal at the end of the day of default, before write-offs
-- column recovered: Principal of effective allocations after the day of default, received in the month
-- column recovered_other: Other components of such allocations, received in the month
-- column recovered_to_date: recovered up to and with the month
-- column rr_backdated: recovered_to_date / ead in percent, rounded to 2 places: recoveries belong to the cohort
-- column cash_month: First day of the calendar month of the row
-- column rr_unbackdated: Principal recovered in cash_month from all cohorts of the currency / ead of all its cohorts up to cash_month in percent, rounded to
--     2 places: recoveries belong to the month of the cash
-- column lgd: 1 - recovered_to_date, discounted to the default at the contract's yearly rate, / ead; a fraction rounded to 4 places. No costs are recorded
-- column immature: Whether cash_month has not ended
CREATE VIEW analytics.v_recovery_analysis AS
WITH today AS (
    SELECT max(e.business_date) AS day
    FROM analytics.entity_day AS e
),

cohort AS (
    SELECT
        date_trunc('month', d.defaulted_on)::date AS default_month,
        d.currency_code,
        count(*) AS loans,
        sum(d.ead) AS ead
    FROM analytics.mv_loan_default AS d
    GROUP BY date_trunc('month', d.defaulted_on)::date, d.currency_code
),

receipt AS (
    SELECT
        r.default_month,
        r.currency_code,
        r.months_since,
        r.recovered,
        r.recovered_other,
        r.discounted
    FROM analytics.mv_recovery AS r
),

cash AS (
    SELECT
        (r.default_month + make_interval(months => r.months_since))::date AS cash_month,
        r.currency_code,
        sum(r.recovered) AS recovered
    FROM receipt AS r
    GROUP BY (r.default_month + make_interval(months => r.months_since))::date, r.currency_code
),

grid AS (
    SELECT
        c.default_month,
        c.currency_code,
        c.loans,
        c.ead,
        g.month::date AS cash_month,
        (row_number() OVER (PARTITION BY c.default_month, c.currency_code ORDER BY g.month) - 1)::integer AS months_since,
        (
            SELECT sum(o.ead) FROM cohort AS o
            WHERE o.currency_code = c.currency_code AND o.default_month <= g.month::date
        ) AS ead_so_far
    FROM cohort AS c
    CROSS JOIN today AS t
    CROSS JOIN LATERAL generate_series(c.default_month, t.day, interval '1 month') AS g (month)
),

running AS (
    SELECT
        g.default_month,
        g.currency_code,
        g.loans,
        g.ead,
        g.cash_month,
        g.months_since,
        g.ead_so_far,
        coalesce(r.recovered, 0) AS recovered,
        coalesce(r.recovered_other, 0) AS recovered_other,
        coalesce(sum(r.recovered) OVER w, 0) AS recovered_to_date,
        coalesce(sum(r.discounted) OVER w, 0) AS discounted_to_date
    FROM grid AS g
    LEFT JOIN receipt AS r ON g.default_month = r.default_month AND g.currency_code = r.currency_code AND g.months_since = r.months_since
    WINDOW w AS (PARTITION BY g.default_month, g.currency_code ORDER BY g.months_since)
)

SELECT
    r.default_month,
    r.months_since,
    r.currency_code,
    r.loans,
    r.ead,
    r.recovered,
    r.recovered_other,
    r.recovered_to_date,
    analytics.percentage(r.recovered_to_date, r.ead) AS rr_backdated,
    r.cash_month,
    analytics.percentage(coalesce(k.recovered, 0), r.ead_so_far) AS rr_unbackdated,
    round(1 - r.discounted_to_date / nullif(r.ead, 0), 4) AS lgd,
    r.cash_month = date_trunc('month', t.day)::date AS immature
FROM running AS r
CROSS JOIN today AS t
LEFT JOIN cash AS k ON r.cash_month = k.cash_month AND r.currency_code = k.currency_code;
