-- owner: data_science
-- tier: T3
-- grain: standard bucket of days past due
-- key: dpd_bucket
-- refresh: daily
-- description: Share of performing loans of each bucket that went bad within twelve months, in our own month-ends. Materialized: it reads every month-end
-- column dpd_bucket: Standard bucket on the month-end
-- column observations: Loans and month-ends with a known label (default_label)
-- column defaulted: Of them, those with label 1
-- column pd: defaulted / observations, rounded to six places
CREATE MATERIALIZED VIEW analytics.mv_default_rate_by_bucket AS
SELECT
    b.label AS dpd_bucket,
    count(*) AS observations,
    sum(t.label) AS defaulted,
    round(sum(t.label)::numeric / count(*), 6) AS pd
FROM analytics.default_label AS t
INNER JOIN public.dpd_bucket AS b
    ON
        b.scheme = 'standard' AND b.days @> t.dpd AND t.month_end >= b.valid_from
        AND (b.valid_through IS NULL OR t.month_end < b.valid_through)
WHERE t.label IS NOT NULL
GROUP BY b.label;
CREATE UNIQUE INDEX mv_default_rate_by_bucket_key ON analytics.mv_default_rate_by_bucket (dpd_bucket);
