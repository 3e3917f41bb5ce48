-- owner: finance
-- severity: fail
-- tags: selftest
-- table: payment_allocation
-- description: An allocation is never deleted
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_deleting_an_allocation AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'payment_allocation_append_only',
        $$INSERT INTO public.payment_allocation (id, payment_id, loan_id, component, allocated_amount) VALUES (:line2,
            :payment, :loan, 'principal', 10)$$,
        $$DELETE FROM public.payment_allocation WHERE id = :line2$$
    ) AS p;
