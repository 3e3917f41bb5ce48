-- owner: data_science
-- tier: T3
-- grain: loan x published month-end at which it was on the book and below the non-performing threshold
-- key: month_end, loan_id
-- refresh: daily
-- description: Whether each performing loan went beyond the non-performing threshold, or was written off, in the twelve months after a month-end
-- column month_end: The month-end, t
-- column loan_id: Loan, active at t and not beyond the threshold by its own days past due
-- column dpd: Days past due at t
-- column horizon: Month-end twelve months after t
-- column label: 1: beyond the non-performing threshold of the country (substandard, more than 90 days as shipped) on a day in (t, horizon], or written off at
--     horizon; 0: neither; NULL: horizon is not published yet, or does not list the loan
CREATE VIEW analytics.default_label AS
WITH month_end AS (
    SELECT
        d.day,
        (date_trunc('month', d.day::timestamp) + interval '13 months')::date - 1 AS horizon
    FROM analytics.published_day AS d
    WHERE d.is_month_end
)

SELECT
    m.day AS month_end,
    s.loan_id,
    s.dpd,
    m.horizon,
    CASE WHEN h.loan_id IS NOT NULL THEN (coalesce(h.npl_last_day > m.day, FALSE) OR h.status = 'written_off')::integer END AS label
FROM month_end AS m
INNER JOIN analytics.loan_daily_snapshot AS s ON m.day = s.snapshot_date
LEFT JOIN month_end AS z ON m.horizon = z.day
LEFT JOIN analytics.loan_daily_snapshot AS h ON z.day = h.snapshot_date AND s.loan_id = h.loan_id
WHERE s.status = 'active' AND s.npl_last_day IS DISTINCT FROM m.day;
