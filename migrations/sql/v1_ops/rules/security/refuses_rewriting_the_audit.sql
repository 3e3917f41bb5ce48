-- owner: compliance
-- severity: fail
-- tags: selftest
-- table: ops.audit_log
-- description: An entry of the audit is changed by nobody, the owner included
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_rewriting_the_audit AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'audit_log_append_only',
        $$UPDATE public.party SET display_name = 'Changed' WHERE id = :party$$,
        $$UPDATE ops.audit_log SET actor = 'nobody' WHERE row_id = :party::text$$
    ) AS p;
