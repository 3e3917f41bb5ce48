-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: A loan on which money moved is not deleted
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_deleting_a_loan_with_money AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'loan_id',
        $$DELETE FROM public.loan WHERE id = :loan$$
    ) AS p;
