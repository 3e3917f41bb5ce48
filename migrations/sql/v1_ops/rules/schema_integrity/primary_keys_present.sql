-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: Every table of ours has a primary key
-- protects: updates by key, and logical replication
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_primary_keys_present AS
SELECT
    c.oid::regclass::text AS id,
    'no primary key' AS detail
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    n.nspname IN ('public', 'analytics') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        WHERE i.indrelid = c.oid AND i.indisprimary
    )
    AND pg_catalog.obj_description(c.oid, 'pg_class') IS NOT NULL;
