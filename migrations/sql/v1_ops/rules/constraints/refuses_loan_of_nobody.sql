-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: A loan of a party that does not exist is refused
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_loan_of_nobody AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'borrower_party_id',
        $$UPDATE public.loan SET borrower_party_id = public.uuidv7() WHERE id = :loan$$
    ) AS p;
