-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: A status of a loan that is none is refused
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_unknown_status AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'loan_status_check',
        $$UPDATE public.loan SET status = 'dormant' WHERE id = :loan$$
    ) AS p;
