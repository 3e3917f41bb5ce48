-- owner: finance
-- severity: fail
-- tags: validation, quality, critical
-- table: payment
-- column: amount
-- description: Completed inbound payment of which more is allocated than it holds (fail), or not yet all (info)
-- protects: money that exists once: two loans must not be paid with the same cash, and cash must not lie about
-- mend: reverse an allocation (payment_allocation.reversed_at) and allocate anew; what is not allocated yet lists v_unallocated_cash
-- constraint: payment_allocation.check_new, payment.check_change
-- exempt: no: nobody may be paid twice with the same cash; what waits to be allocated is information and fails nothing
CREATE VIEW ops.rule_payment_allocation_balance AS
WITH allocated AS (
    SELECT
        a.payment_id,
        sum(a.allocated_amount) AS amount
    FROM public.payment_allocation AS a
    WHERE a.reversed_at IS NULL
    GROUP BY a.payment_id
)

SELECT
    p.id::text AS id,
    format('%s of %s %s allocated', coalesce(a.amount, 0), p.amount, p.currency_code) AS detail,
    CASE WHEN coalesce(a.amount, 0) > p.amount THEN 'fail' ELSE 'info' END AS severity
FROM public.payment AS p
LEFT JOIN allocated AS a ON p.id = a.payment_id
WHERE p.direction = 'inbound' AND p.status = 'completed' AND p.reversed_at IS NULL AND coalesce(a.amount, 0) <> p.amount;
