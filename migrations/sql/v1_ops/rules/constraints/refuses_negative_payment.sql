-- owner: platform
-- severity: fail
-- tags: selftest
-- table: payment
-- description: A payment of less than 0 is refused
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_negative_payment AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'payment_amount_positive',
        $$UPDATE public.payment SET amount = -1 WHERE id = :payment$$
    ) AS p;
