-- owner: risk
-- tier: T0
-- grain: legal entity x scheme of buckets
-- key: legal_entity_id, scheme
-- refresh: live
-- description: The buckets of each scheme that hold on the business date of a company, as arrays to look days past due up in with width_bucket
-- column legal_entity_id: Company
-- column scheme: Scheme: standard, risk_category, collections_entry
-- column bounds: Lower bounds in days past due, ascending
-- column labels: Labels, in the same order
-- column sorts: Positions, in the same order
CREATE VIEW analytics.bucket_scheme AS
WITH entity AS (
    SELECT
        e.id AS legal_entity_id,
        analytics.business_date(e.time_zone) AS business_date
    FROM public.legal_entity AS e
)

SELECT
    e.legal_entity_id,
    b.scheme,
    array_agg(lower(b.days) ORDER BY lower(b.days)) AS bounds,
    array_agg(b.label ORDER BY lower(b.days)) AS labels,
    array_agg(b.sort ORDER BY lower(b.days)) AS sorts
FROM entity AS e
INNER JOIN public.dpd_bucket AS b ON e.business_date >= b.valid_from AND (b.valid_through IS NULL OR e.business_date < b.valid_through)
GROUP BY e.legal_entity_id, b.scheme;
