-- owner: compliance
-- severity: fail
-- tags: selftest
-- table: ops.audit_log
-- description: A change of a contract says who changed what from what to what
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_audits_a_change_of_money AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        'self-test: 1200 to 1300',
        $$SELECT set_config('rently.actor', 'self-test', true)$$,
        $$UPDATE public.loan SET principal_amount = 1300 WHERE id = :loan$$,
        $$SELECT a.actor || ': ' || (a.old ->> 'principal_amount') || ' to ' || (a.new ->> 'principal_amount') FROM
            ops.audit_log AS a WHERE a.table_name = 'loan' AND a.row_id = :loan::text AND a.action = 'UPDATE'$$
    ) AS p;
