-- owner: collections
-- tier: T3
-- grain: product category x currency x bucket of scheme collections_entry
-- key: product_category, currency_code, dpd_bucket
-- refresh: daily
-- description: Delinquency episodes by the bucket that they entered, and how they were resolved: a case is an episode in a bucket that it entered
--     within setting collections_history_months; open cases count as not resolved and in no duration
-- column product_category: Category of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column dpd_bucket: Bucket entered: 1-30 DPD, 31-60 DPD, 61-90 DPD, 90+ DPD
-- column total_collections_cases: Cases
-- column resolved_cases: Cases that ended by payment, re-plan or closing, not by write-off or transfer
-- column resolution_rate_pct: resolved_cases / total_collections_cases in percent, rounded to 2 places
-- column avg_resolution_days: Mean days from entering the bucket to no longer being past due, of resolved cases, rounded to 2 places; NULL: none
-- column median_resolution_days: Their median (mean of the middle two), rounded to 2 places; NULL: none
-- column avg_actions_per_case: Events of collections from entering the bucket to the end of the case, or to today, per case, rounded to 2 places
-- column total_principal_in_collections: Outstanding principal on the day on which the bucket was entered
-- column resolved_principal: That of resolved cases
-- column bucket_sort: Position of the bucket, from 0
-- column open_cases: Cases whose loan is still past due
CREATE VIEW analytics.v_collections_resolution_analysis AS
WITH entry AS (
    SELECT
        e.loan_id,
        e.bucket,
        e.bucket_sort,
        e.entered_on,
        e.ended_on,
        e.is_cured,
        e.outstanding,
        e.actions
    FROM analytics.mv_delinquency_entry AS e
)

SELECT
    r.category AS product_category,
    l.currency_code,
    e.bucket AS dpd_bucket,
    count(*) AS total_collections_cases,
    count(*) FILTER (WHERE e.is_cured) AS resolved_cases,
    analytics.percentage(count(*) FILTER (WHERE e.is_cured), count(*)) AS resolution_rate_pct,
    round(avg(e.ended_on - e.entered_on) FILTER (WHERE e.is_cured), 2) AS avg_resolution_days,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY e.ended_on - e.entered_on) FILTER (WHERE e.is_cured))::numeric, 2)
        AS median_resolution_days,
    round(avg(e.actions), 2) AS avg_actions_per_case,
    sum(e.outstanding) AS total_principal_in_collections,
    coalesce(sum(e.outstanding) FILTER (WHERE e.is_cured), 0) AS resolved_principal,
    e.bucket_sort,
    count(*) FILTER (WHERE e.ended_on IS NULL) AS open_cases
FROM entry AS e
INNER JOIN public.loan AS l ON e.loan_id = l.id
INNER JOIN public.product AS r ON l.product_id = r.id
GROUP BY r.category, l.currency_code, e.bucket, e.bucket_sort;
