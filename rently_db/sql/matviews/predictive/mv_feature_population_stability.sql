-- owner: data_science
-- tier: T3
-- grain: feature x month-end
-- key: feature, month_end
-- refresh: daily
-- description: Population stability index of each numeric feature at each published month-end. Materialized: it reads every month-end of every loan on the book
-- column feature: Column of loan_feature_by_day
-- column month_end: Published month-end
-- column reference_month_end: Month-end that it is compared with: setting psi_reference_month if there is one, else the first published month-end
-- column loans: Loans on the book at month_end
-- column reference_loans: Loans on the book at reference_month_end
-- column bins: Ranges of the feature: from its deciles at the reference month-end (percentile_disc 0.1 to 0.9, equal ones once; a bin is from one decile up to,
--     not including, the next), and one for NULL where there are any
-- column psi: Sum over the bins of (share - reference share) * ln(share / reference share), each share at least setting psi_share_floor, rounded to four places
CREATE MATERIALIZED VIEW analytics.mv_feature_population_stability AS
WITH reference AS (
    SELECT coalesce((SELECT analytics.setting_text('psi_reference_month'))::date, min(d.day)) AS day
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

observed AS MATERIALIZED (
    SELECT
        f.period AS month_end,
        x.feature,
        x.value
    FROM analytics.loan_feature_by_day AS f
    CROSS JOIN
        LATERAL (
            VALUES
            ('interest_rate', f.interest_rate),
            ('loan_age_days', f.loan_age_days::numeric),
            ('customer_relationship_days', f.customer_relationship_days::numeric),
            ('on_time_payment_rate_pct', f.on_time_payment_rate_pct),
            ('avg_days_late', f.avg_days_late),
            ('current_dpd', f.current_dpd::numeric),
            ('max_dpd_reached', f.max_dpd_reached::numeric),
            ('arrears', f.arrears),
            ('outstanding_principal', f.outstanding_principal),
            ('repayment_progress_pct', f.repayment_progress_pct),
            ('collections_events_count', f.collections_events_count::numeric)
        ) AS x (feature, value)
    WHERE f.period < 'infinity' AND f.is_on_book
),

decile AS (
    SELECT
        o.feature,
        array(
            SELECT DISTINCT b.bound
            FROM unnest(percentile_disc(ARRAY[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) WITHIN GROUP (ORDER BY o.value)) AS b (bound)
            WHERE b.bound IS NOT NULL
            ORDER BY b.bound
        ) AS bounds
    FROM observed AS o
    INNER JOIN reference AS r ON o.month_end = r.day
    GROUP BY o.feature
),

counted AS (
    SELECT
        o.month_end,
        o.feature,
        coalesce(width_bucket(o.value, d.bounds), -1) AS bin,
        count(*) AS loans
    FROM observed AS o
    INNER JOIN decile AS d ON o.feature = d.feature
    GROUP BY o.month_end, o.feature, coalesce(width_bucket(o.value, d.bounds), -1)
),

total AS (
    SELECT
        c.month_end,
        c.feature,
        sum(c.loans) AS loans
    FROM counted AS c
    GROUP BY c.month_end, c.feature
),

bin AS (
    SELECT DISTINCT
        c.feature,
        c.bin
    FROM counted AS c
),

share AS (
    SELECT
        t.month_end,
        t.feature,
        r.day AS reference_month_end,
        t.loans,
        z.loans AS reference_loans,
        greatest(coalesce(c.loans, 0) / t.loans, k.floor) AS actual,
        greatest(coalesce(e.loans, 0) / z.loans, k.floor) AS expected
    FROM total AS t
    CROSS JOIN reference AS r
    CROSS JOIN (SELECT (SELECT analytics.setting_number('psi_share_floor')) AS floor) AS k
    INNER JOIN total AS z ON r.day = z.month_end AND t.feature = z.feature
    INNER JOIN bin AS b ON t.feature = b.feature
    LEFT JOIN counted AS c ON t.month_end = c.month_end AND t.feature = c.feature AND b.bin = c.bin
    LEFT JOIN counted AS e ON r.day = e.month_end AND t.feature = e.feature AND b.bin = e.bin
)

SELECT
    s.feature,
    s.month_end,
    s.reference_month_end,
    s.loans::bigint AS loans,
    s.reference_loans::bigint AS reference_loans,
    count(*) AS bins,
    round(sum((s.actual - s.expected) * ln(s.actual / s.expected)), 4) AS psi
FROM share AS s
GROUP BY s.feature, s.month_end, s.reference_month_end, s.loans, s.reference_loans;
CREATE UNIQUE INDEX mv_feature_population_stability_key ON analytics.mv_feature_population_stability (feature, month_end);
