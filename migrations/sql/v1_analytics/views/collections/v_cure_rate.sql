-- owner: collections
-- tier: T3
-- grain: month of entry x bucket of scheme collections_entry x product
-- key: month, dpd_bucket, product_id
-- refresh: daily
-- description: Of the loans that entered a bucket of days past due in a month, the share no longer past due within 30, 60 and 90 days, and the share of
--     those that fell into the last bucket again. Each delinquency episode (run of days with dpd > 0) enters a bucket once; cured means ended by
--     payment, re-plan or closing
-- column month: First day of the month of entry
-- column dpd_bucket: Bucket entered: 1-30 DPD, 31-60 DPD, 61-90 DPD, 90+ DPD
-- column bucket_sort: Position of the bucket, from 0
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column entered: Episodes that entered the bucket
-- column cured: Those cured within 90 days
-- column cured_30: Those cured within 30 days of entry
-- column cured_60: Those cured within 60 days of entry
-- column cured_natural: Those of cured without re-plan or flag forborne
-- column cured_forborne: Those of cured with re-plan or flag forborne
-- column cure_30_pct: cured_30 / entered in percent, rounded to 2 places
-- column cure_60_pct: cured_60 / entered in percent, rounded to 2 places
-- column cure_90_pct: cured / entered in percent, rounded to 2 places
-- column re_defaulted: Those of cured whose loan entered the last bucket of the scheme after the cure and within 12 months of it
-- column re_default_pct: re_defaulted / cured in percent, rounded to 2 places; NULL: none cured
-- column immature: Whether 90 days have not passed since the end of the month, so that cures may still come
-- column re_default_immature: Whether 12 months have not passed since the last cure of the group, so that re-defaults may still come
CREATE VIEW analytics.v_cure_rate AS
WITH entry AS (
    SELECT
        e.loan_id,
        e.episode_from,
        e.bucket,
        e.bucket_sort,
        e.entered_on,
        e.ended_on,
        e.is_cured,
        e.is_forborne
    FROM analytics.mv_delinquency_entry AS e
),

-- Read a second time by its index, not as a list: each entry asks for those of its loan.
again AS (
    SELECT
        e.loan_id,
        e.entered_on
    FROM analytics.mv_delinquency_entry AS e
    WHERE e.is_last
),

judged AS (
    SELECT
        date_trunc('month', e.entered_on)::date AS month,
        e.bucket,
        e.bucket_sort,
        l.product_id,
        analytics.business_date(n.time_zone) AS business_date,
        CASE WHEN e.is_cured THEN e.ended_on - e.entered_on END AS days,
        e.ended_on,
        e.is_forborne,
        e.is_cured AND EXISTS (
            SELECT FROM again AS a
            WHERE
                a.loan_id = e.loan_id AND a.entered_on > e.ended_on
                AND a.entered_on <= (e.ended_on + interval '12 months')::date
        ) AS is_defaulted_again
    FROM entry AS e
    INNER JOIN public.loan AS l ON e.loan_id = l.id
    INNER JOIN public.legal_entity AS n ON l.legal_entity_id = n.id
),

total AS (
    SELECT
        j.month,
        j.bucket,
        j.bucket_sort,
        j.product_id,
        min(j.business_date) AS business_date,
        count(*) AS entered,
        count(*) FILTER (WHERE j.days <= 30) AS cured_30,
        count(*) FILTER (WHERE j.days <= 60) AS cured_60,
        count(*) FILTER (WHERE j.days <= 90) AS cured,
        count(*) FILTER (WHERE j.days <= 90 AND j.is_forborne) AS cured_forborne,
        count(*) FILTER (WHERE j.days <= 90 AND j.is_defaulted_again) AS re_defaulted,
        max(j.ended_on) FILTER (WHERE j.days <= 90) AS last_cured_on
    FROM judged AS j
    GROUP BY j.month, j.bucket, j.bucket_sort, j.product_id
)

SELECT
    t.month,
    t.bucket AS dpd_bucket,
    t.bucket_sort,
    t.product_id,
    r.code AS product_code,
    r.category AS product_category,
    t.entered,
    t.cured,
    t.cured_30,
    t.cured_60,
    t.cured - t.cured_forborne AS cured_natural,
    t.cured_forborne,
    analytics.percentage(t.cured_30, t.entered) AS cure_30_pct,
    analytics.percentage(t.cured_60, t.entered) AS cure_60_pct,
    analytics.percentage(t.cured, t.entered) AS cure_90_pct,
    t.re_defaulted,
    analytics.percentage(t.re_defaulted, t.cured) AS re_default_pct,
    (t.month + interval '1 month - 1 day')::date + 90 > t.business_date AS immature,
    coalesce((t.last_cured_on + interval '12 months')::date > t.business_date, false) AS re_default_immature
FROM total AS t
INNER JOIN public.product AS r ON t.product_id = r.id;
