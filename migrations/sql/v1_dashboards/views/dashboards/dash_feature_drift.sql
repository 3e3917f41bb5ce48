-- owner: data_science
-- tier: T3
-- grain: feature x published month-end
-- key: feature, month_end
-- refresh: daily
-- description: v_feature_population_stability with the month as text: for a heat map. Of all companies together, counts and no amounts
-- column feature: Column of loan_feature_by_day
-- column month_end: Published month-end
-- column month: Its month: 2026-05
-- column months_ago: Months before the newest of these month-ends
-- column psi: Population stability index against the reference month-end; 0: the same
-- column stability: stable, moderate or shifted
CREATE VIEW analytics.dash_feature_drift AS
WITH newest AS (
    SELECT max(v.month_end) AS day FROM analytics.v_feature_population_stability AS v
)

SELECT
    v.feature,
    v.month_end,
    to_char(v.month_end, 'YYYY-MM') AS month,
    (
        12 * (extract(YEAR FROM n.day) - extract(YEAR FROM v.month_end)) + extract(MONTH FROM n.day) - extract(MONTH FROM v.month_end)
    )::integer AS months_ago,
    v.psi,
    v.stability
FROM analytics.v_feature_population_stability AS v
CROSS JOIN newest AS n;
