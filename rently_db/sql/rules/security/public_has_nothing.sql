-- owner: platform
-- severity: fail
-- tags: selftest
-- table: ops.acl
-- description: PUBLIC holds no right in schemas ops and analytics, nor on a table of ours
-- protects: data, from whoever can connect
-- mend: SELECT ops.apply_access() takes it away
CREATE VIEW ops.rule_public_has_nothing AS
SELECT
    g.object AS id,
    g.privilege || ' to PUBLIC' AS detail
FROM ops.acl AS g
WHERE g.grantee = 'PUBLIC' AND g.is_ours;
