-- owner: data_science
-- tier: T3
-- grain: legal entity x standard bucket
-- key: legal_entity_id, dpd_bucket
-- refresh: daily
-- description: Default within twelve months by bucket: the probability that v_expected_loss takes, of all companies and all our history, beside what each company saw
--     at the twelve youngest month-ends that are labelled
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column sort: Position of the bucket
-- column dpd_bucket: Standard bucket of the days past due, below the non-performing threshold
-- column labelled: Performing loans at these month-ends
-- column defaults: Those that went bad within twelve months
-- column observed_pct: defaults / labelled in percent, rounded to 2 places; NULL: none is labelled
-- column predicted_pct: pd of v_expected_loss of the bucket in percent, rounded to 2 places; NULL: none
-- column pd_source: own_snapshots or setting, as v_expected_loss has it
-- column is_small: Whether labelled is below setting pd_minimum_observations (100): observed_pct says little
CREATE VIEW analytics.dash_calibration AS
WITH setting AS (
    SELECT
        (SELECT analytics.setting_number('pd_minimum_observations')) AS minimum,
        (SELECT analytics.setting('pd_default_by_bucket')) AS pd_by_bucket
),

youngest AS (
    SELECT max(m.month_end) AS month_end FROM analytics.mv_dash_score_month AS m
    WHERE m.labelled > 0
),

seen AS (
    SELECT
        m.legal_entity_id,
        m.dpd_bucket,
        min(m.bucket_sort) AS sort,
        sum(m.labelled) AS labelled,
        sum(m.defaults) AS defaults
    FROM analytics.mv_dash_score_month AS m
    INNER JOIN youngest AS y ON m.month_end <= y.month_end AND m.month_end > (y.month_end + 1 - interval '12 months')::date - 1
    GROUP BY m.legal_entity_id, m.dpd_bucket
)

SELECT
    s.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    s.sort,
    s.dpd_bucket,
    s.labelled::bigint AS labelled,
    s.defaults::bigint AS defaults,
    analytics.percentage(s.defaults, s.labelled) AS observed_pct,
    round(100 * CASE WHEN b.observations >= k.minimum THEN b.pd ELSE (k.pd_by_bucket ->> s.dpd_bucket)::numeric END, 2) AS predicted_pct,
    CASE WHEN b.observations >= k.minimum THEN 'own_snapshots' ELSE 'setting' END AS pd_source,
    s.labelled < k.minimum AS is_small
FROM seen AS s
CROSS JOIN setting AS k
INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
LEFT JOIN analytics.mv_default_rate_by_bucket AS b ON s.dpd_bucket = b.dpd_bucket;
