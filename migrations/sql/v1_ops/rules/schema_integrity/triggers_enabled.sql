-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: Every trigger of ours is enabled
-- protects: rules that only a trigger keeps
-- mend: ALTER TABLE ... ENABLE TRIGGER ...; then rently-db validate, as rows may have been written meanwhile
CREATE VIEW ops.rule_triggers_enabled AS
SELECT
    t.tgrelid::regclass || ' ' || t.tgname AS id,
    CASE t.tgenabled WHEN 'D' THEN 'disabled' ELSE 'enabled for replicas only' END AS detail
FROM pg_catalog.pg_trigger AS t
INNER JOIN pg_catalog.pg_proc AS f ON t.tgfoid = f.oid
INNER JOIN pg_catalog.pg_namespace AS n ON f.pronamespace = n.oid
WHERE (n.nspname IN ('ops', 'analytics') OR t.tgisinternal) AND t.tgenabled NOT IN ('O', 'A');
