-- owner: platform
-- severity: fail
-- tags: selftest
-- table: ops.acl
-- description: No role of ours, and no member of one, is a superuser but the administrators
-- protects: every rule: superusers pass them all
-- mend: ALTER ROLE ... NOSUPERUSER; connect applications with roles of their own
CREATE VIEW ops.rule_roles_are_no_superusers AS
SELECT
    r.rolname AS id,
    'superuser' AS detail
FROM pg_catalog.pg_roles AS r
WHERE r.rolsuper AND r.rolname LIKE 'rently\_%' AND r.rolname NOT LIKE 'rently\_test\_%';
