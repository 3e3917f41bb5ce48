-- owner: platform
-- tier: T0
-- grain: legal entity
-- key: legal_entity_id
-- refresh: live
-- description: Each legal entity with its business date and the rules that hold on it, as arrays to look days past due up in with width_bucket
-- column legal_entity_id: Legal entity
-- column legal_entity_name: Its name
-- column country_code: Its country
-- column functional_ccy: Currency of its books
-- column time_zone: Its time zone, UTC if none is set
-- column business_date: Its business date
-- column day_ends_at: First moment after the business date, in UTC, without zone as v0's moments are
-- column bucket_bounds: Lower bounds of the standard buckets, ascending
-- column bucket_labels: Their labels, in the same order
-- column class_bounds: Days past due from which each class of the country holds, ascending
-- column class_names: The classes, in the same order
-- column npl_from: Days past due from which a loan is non-performing; NULL: the country has no such class
-- column probation_days: Days of good conduct before a loan is performing again
CREATE VIEW analytics.entity_day AS
WITH entity AS (
    SELECT
        e.id AS legal_entity_id,
        e.name AS legal_entity_name,
        e.country_code,
        e.functional_ccy,
        coalesce(e.time_zone, 'UTC') AS time_zone,
        analytics.business_date(e.time_zone) AS business_date
    FROM public.legal_entity AS e
)

SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    e.country_code,
    e.functional_ccy,
    e.time_zone,
    e.business_date,
    ((e.business_date + 1)::timestamp AT TIME ZONE e.time_zone) AT TIME ZONE 'UTC' AS day_ends_at,
    b.bucket_bounds,
    b.bucket_labels,
    c.class_bounds,
    c.class_names,
    analytics.npl_from(e.country_code, e.business_date) AS npl_from,
    coalesce(c.probation_days, 0) AS probation_days
FROM entity AS e
CROSS JOIN
    LATERAL (
        SELECT
            coalesce(array_agg(lower(d.days) ORDER BY lower(d.days)), '{}') AS bucket_bounds,
            coalesce(array_agg(d.label ORDER BY lower(d.days)), '{}') AS bucket_labels
        FROM public.dpd_bucket AS d
        WHERE
            d.scheme = 'standard' AND e.business_date >= d.valid_from
            AND (d.valid_through IS NULL OR e.business_date < d.valid_through)
    ) AS b
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(r.first_day ORDER BY r.first_day, r.class), '{}') AS class_bounds,
        coalesce(array_agg(r.class ORDER BY r.first_day, r.class), '{}') AS class_names,
        max(r.probation_days) FILTER (WHERE r.class = 'substandard') AS probation_days
    FROM (
        SELECT
            k.class,
            k.probation_days,
            k.threshold_days + CASE k.operator WHEN 'more_than' THEN 1 ELSE 0 END AS first_day
        FROM public.classification_rule AS k
        WHERE
            k.country_code = e.country_code AND e.business_date >= k.valid_from
            AND (k.valid_through IS NULL OR e.business_date < k.valid_through)
    ) AS r
) AS c;
