-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: A loan that ends before it begins is refused
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_loan_that_ends_before_it_begins AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'loan_dates_check',
        $$UPDATE public.loan SET end_date = '2019-12-31' WHERE id = :loan$$
    ) AS p;
