-- owner: risk
-- tier: T3
-- grain: month x product x currency x state at the month-end before x state at the month-end
-- key: month, product_id, currency_code, from_sort, to_sort
-- refresh: daily
-- description: Where the loans on the book at a published month-end stood a month later
-- column month: First day of the month between the two month-ends
-- column product_id: Product
-- column currency_code: Currency of all amounts, ISO 4217
-- column from_state: Standard bucket at the month-end before, by the rules of that day
-- column from_sort: Its position, from 0
-- column to_state: Standard bucket at the month-end, or closed, prepaid, written_off, transferred; unknown: no longer in the snapshot
-- column to_sort: Its position; what is no bucket comes after the buckets, from 101
-- column loans: Loans that moved so
-- column balance: Their outstanding principal at the month-end before
CREATE MATERIALIZED VIEW analytics.mv_roll_rate AS
WITH standing AS (
    SELECT
        s.snapshot_date,
        s.loan_id,
        s.product_id,
        s.currency_code,
        s.status,
        s.outstanding_principal,
        CASE
            WHEN s.status = 'active' THEN y.bucket_labels[width_bucket(s.dpd, y.bucket_bounds)]
            WHEN s.status = 'closed' AND l.end_date > s.snapshot_date THEN 'prepaid'
            ELSE s.status
        END AS state,
        CASE
            WHEN s.status = 'active' THEN width_bucket(s.dpd, y.bucket_bounds) - 1
            WHEN s.status = 'closed' THEN CASE WHEN l.end_date > s.snapshot_date THEN 102 ELSE 101 END
            WHEN s.status = 'written_off' THEN 103
            ELSE 104
        END AS sort
    FROM analytics.loan_daily_snapshot AS s
    INNER JOIN analytics.rules_by_day AS y ON s.snapshot_date = y.period AND s.legal_entity_id = y.legal_entity_id
    INNER JOIN public.loan AS l ON s.loan_id = l.id
),

published AS (
    SELECT
        d.day,
        (date_trunc('month', d.day) - interval '1 day')::date AS previous_day
    FROM analytics.published_day AS d
    WHERE d.is_month_end
)

SELECT
    date_trunc('month', p.day)::date AS month,
    f.product_id,
    f.currency_code,
    f.state AS from_state,
    f.sort AS from_sort,
    coalesce(t.state, 'unknown') AS to_state,
    coalesce(t.sort, 105) AS to_sort,
    count(*) AS loans,
    sum(f.outstanding_principal) AS balance
FROM standing AS f
INNER JOIN published AS p ON f.snapshot_date = p.previous_day
LEFT JOIN standing AS t ON p.day = t.snapshot_date AND f.loan_id = t.loan_id
WHERE f.status = 'active'
GROUP BY p.day, f.product_id, f.currency_code, f.state, f.sort, t.state, t.sort;
CREATE UNIQUE INDEX uq_mv_roll_rate ON analytics.mv_roll_rate (month, product_id, currency_code, from_sort, to_sort);
