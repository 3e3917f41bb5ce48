-- owner: compliance
-- severity: fail
-- tags: selftest
-- table: ops.audit_log
-- description: A change of a party is audited with the database user where no actor is set
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_audits_a_change_of_a_party AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        'true',
        $$SELECT set_config('rently.actor', '', true)$$,
        $$UPDATE public.party SET phone = '123' WHERE id = :party$$,
        $$SELECT (a.actor = session_user AND a.new ->> 'phone' = '123')::text FROM ops.audit_log AS a WHERE a.table_name =
            'party' AND a.row_id = :party::text AND a.action = 'UPDATE'$$
    ) AS p;
