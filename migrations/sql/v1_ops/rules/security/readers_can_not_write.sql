-- owner: platform
-- severity: fail
-- tags: selftest
-- table: ops.acl
-- description: Roles that read can not write a table of public
-- protects: against a report that changes what it reports
-- mend: SELECT ops.apply_access(); then REVOKE what somebody granted besides
CREATE VIEW ops.rule_readers_can_not_write AS
SELECT
    r.rolname || ' ' || c.relname AS id,
    'may write' AS detail
FROM pg_catalog.pg_roles AS r
CROSS JOIN pg_catalog.pg_class AS c
WHERE
    r.rolname IN ('rently_readonly', 'rently_analyst', 'rently_auditor', 'rently_monitor')
    AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE');
