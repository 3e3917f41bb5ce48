-- owner: platform
-- severity: fail
-- tags: selftest
-- table: analytics.refresh_log
-- description: Every materialized view has the unique index that lets it be refreshed beside its readers
-- protects: readers, who would be shut out during a refresh
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_materialized_views_refresh_beside_readers AS
SELECT
    o.view_name AS id,
    'no unique index over all rows' AS detail
FROM analytics.refresh_order AS o
WHERE NOT o.has_key;
