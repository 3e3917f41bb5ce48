-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: Every column of the tables of public that has rows of ours says what it means
-- protects: who reads a column for the first time
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_columns_described AS
SELECT
    c.oid::regclass || '.' || a.attname AS id,
    'no comment' AS detail
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_attribute AS a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE
    c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_catalog.obj_description(c.oid, 'pg_class') IS NOT NULL
    AND pg_catalog.col_description(c.oid, a.attnum) IS NULL;
