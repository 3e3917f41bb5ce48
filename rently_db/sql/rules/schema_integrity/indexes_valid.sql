-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: No index of our schemas is invalid
-- protects: what a unique index forbids, and the speed of what an index finds
-- mend: REINDEX INDEX CONCURRENTLY it, or run the migration again, which builds it anew
CREATE VIEW ops.rule_indexes_valid AS
SELECT
    i.indexrelid::regclass::text AS id,
    'invalid' AS detail
FROM pg_catalog.pg_index AS i
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE n.nspname IN ('public', 'ops', 'analytics') AND NOT (i.indisvalid AND i.indisready);
