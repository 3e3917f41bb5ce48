-- owner: finance
-- severity: fail
-- tags: selftest
-- table: payment_allocation
-- description: Allocations never exceed the payment
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_more_than_was_paid AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'payment_allocation_within_payment',
        $$INSERT INTO public.payment_allocation (payment_id, loan_id, plan_id, line_id, component, allocated_amount)
            VALUES (:payment, :loan, :plan, :line, 'principal', 60), (:payment, :loan, :plan, :line, 'rc_fee', 40.01)$$
    ) AS p;
