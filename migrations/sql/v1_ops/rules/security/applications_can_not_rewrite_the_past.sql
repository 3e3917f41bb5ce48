-- owner: platform
-- severity: fail
-- tags: selftest
-- table: ops.acl
-- description: The application can not change or delete entries of the ledger, nor read what is audited of it away
-- protects: the evidence of ledger and audit, which an application would otherwise rewrite
-- mend: SELECT ops.apply_access(); then REVOKE what somebody granted besides
CREATE VIEW ops.rule_applications_can_not_rewrite_the_past AS
SELECT
    t.relation || ' ' || t.privilege AS id,
    'rently_app may' AS detail
FROM (
    VALUES
    ('public.ledger_entry', 'UPDATE'), ('public.ledger_entry', 'DELETE'), ('public.ledger_entry', 'TRUNCATE'),
    ('public.payment_allocation', 'DELETE'), ('public.payment_allocation', 'TRUNCATE'),
    ('ops.audit_log', 'INSERT'), ('ops.audit_log', 'UPDATE'), ('ops.audit_log', 'DELETE'), ('ops.audit_log', 'TRUNCATE')
) AS t (relation, privilege)
WHERE
    EXISTS (
        SELECT FROM pg_catalog.pg_roles AS r
        WHERE r.rolname = 'rently_app'
    )
    AND pg_catalog.has_table_privilege('rently_app', t.relation, t.privilege);
