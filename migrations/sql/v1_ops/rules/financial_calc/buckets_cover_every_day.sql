-- owner: risk
-- severity: fail
-- tags: selftest
-- table: dpd_bucket
-- description: The standard buckets cover all days past due from 0, without gap or overlap
-- protects: the ageing, which would lose a loan that stands in no bucket
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_buckets_cover_every_day AS
SELECT
    e.legal_entity_name || ' ' || d.dpd AS id,
    'in ' || count(b.id) || ' buckets' AS detail
FROM analytics.entity_day AS e
CROSS JOIN unnest(ARRAY[0, 1, 7, 8, 30, 31, 60, 61, 90, 91, 180, 181, 10000]) AS d (dpd)
LEFT JOIN public.dpd_bucket AS b
    ON
        b.scheme = 'standard' AND b.days @> d.dpd AND e.business_date >= b.valid_from
        AND (b.valid_through IS NULL OR e.business_date < b.valid_through)
GROUP BY e.legal_entity_id, e.legal_entity_name, d.dpd
HAVING count(b.id) <> 1;
