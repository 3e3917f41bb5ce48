-- owner: compliance
-- severity: fail
-- tags: selftest
-- table: payment_allocation
-- description: A table of money is never emptied
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_emptying_a_table_of_money AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'append_only',
        $$TRUNCATE public.payment_allocation$$
    ) AS p;
