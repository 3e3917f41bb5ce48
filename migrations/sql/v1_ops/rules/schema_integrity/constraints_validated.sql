-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: Every constraint of our tables is validated
-- protects: the promise that old rows keep it too
-- mend: ALTER TABLE ... VALIDATE CONSTRAINT ...
CREATE VIEW ops.rule_constraints_validated AS
SELECT
    k.conrelid::regclass || ' ' || k.conname AS id,
    'not validated' AS detail
FROM pg_catalog.pg_constraint AS k
INNER JOIN pg_catalog.pg_namespace AS n ON k.connamespace = n.oid
WHERE n.nspname IN ('public', 'ops', 'analytics') AND NOT k.convalidated;
