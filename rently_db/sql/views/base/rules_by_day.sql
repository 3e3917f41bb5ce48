-- owner: risk
-- tier: T1
-- grain: legal entity x period: now (period infinity) and each published month-end
-- key: period, legal_entity_id
-- refresh: minute
-- description: The rules of classification that hold at a company on a day, as arrays to look days past due up in with width_bucket
-- column period: The month-end; infinity for today
-- column day: Day
-- column legal_entity_id: Company
-- column country_code: Its country
-- column bucket_bounds: Lower bounds of the standard buckets, ascending
-- column bucket_labels: Their labels, in the same order
-- column class_bounds: Days past due from which each class holds, ascending
-- column class_names: The classes, in the same order
-- column npl_from: Days past due from which a loan is non-performing; NULL: no such class
-- column probation_days: Days of good conduct before a loan is performing again
-- column rule_version: First day on which the youngest of these classification rules holds; NULL: no rule
CREATE VIEW analytics.rules_by_day AS
WITH days AS (
    SELECT
        'infinity'::date AS period,
        e.business_date AS day,
        e.legal_entity_id,
        e.country_code
    FROM analytics.entity_day AS e
    UNION ALL
    SELECT
        m.day AS period,
        m.day,
        e.id AS legal_entity_id,
        e.country_code
    FROM analytics.published_day AS m
    CROSS JOIN public.legal_entity AS e
    WHERE m.is_month_end
)

SELECT
    d.period,
    d.day,
    d.legal_entity_id,
    d.country_code,
    b.bucket_bounds,
    b.bucket_labels,
    c.class_bounds,
    c.class_names,
    analytics.npl_from(d.country_code, d.day) AS npl_from,
    coalesce(c.probation_days, 0) AS probation_days,
    c.rule_version
FROM days AS d
CROSS JOIN
    LATERAL (
        SELECT
            coalesce(array_agg(k.first_day ORDER BY k.first_day, k.class), '{}') AS class_bounds,
            coalesce(array_agg(k.class ORDER BY k.first_day, k.class), '{}') AS class_names,
            max(k.probation_days) FILTER (WHERE k.class = 'substandard') AS probation_days,
            max(k.valid_from) AS rule_version
        FROM (
            SELECT
                r.class,
                r.probation_days,
                r.valid_from,
                r.threshold_days + CASE r.operator WHEN 'more_than' THEN 1 ELSE 0 END AS first_day
            FROM public.classification_rule AS r
            WHERE r.country_code = d.country_code AND d.day >= r.valid_from AND (r.valid_through IS NULL OR d.day < r.valid_through)
        ) AS k
    ) AS c
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(lower(k.days) ORDER BY lower(k.days)), '{}') AS bucket_bounds,
        coalesce(array_agg(k.label ORDER BY lower(k.days)), '{}') AS bucket_labels
    FROM public.dpd_bucket AS k
    WHERE k.scheme = 'standard' AND d.day >= k.valid_from AND (k.valid_through IS NULL OR d.day < k.valid_through)
) AS b;
