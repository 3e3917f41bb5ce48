-- owner: finance
-- severity: fail
-- tags: alert
-- table: payment
-- column: amount
-- alert: high
-- every: 15 minutes
-- description: Payment that came in or changed within two days and of which more is allocated than it holds
-- protects: money that exists once
-- mend: reverse an allocation (payment_allocation.reversed_at) and allocate anew
-- ends: nothing is allocated twice any more, or the payment was not touched for two days: payment_allocation_balance goes on finding it
-- urgency: within the hour: the same money pays two debts, and borrowers are told that they owe less than they do
-- first: SELECT id, detail FROM ops.rule_unbalanced_payment_allocations LIMIT 20
-- second: SELECT a.payment_id, a.id, a.loan_id, a.component, a.allocated_amount, a.created_at FROM
--     ops.rule_unbalanced_payment_allocations AS r INNER JOIN public.payment_allocation AS a ON a.payment_id::text = r.id WHERE
--     a.reversed_at IS NULL ORDER BY a.payment_id, a.created_at LIMIT 50
-- third: SELECT id, detail FROM ops.rule_triggers_enabled
-- call: finance, who decides which allocation is reversed; the DBA if a trigger is off: with triggers on the database refuses such rows
CREATE VIEW ops.rule_unbalanced_payment_allocations AS
SELECT
    p.id::text AS id,
    format('%s of %s %s allocated', a.amount, p.amount, p.currency_code) AS detail
FROM public.payment AS p
CROSS JOIN
    LATERAL (
        SELECT sum(n.allocated_amount) AS amount
        FROM public.payment_allocation AS n
        WHERE n.payment_id = p.id AND n.reversed_at IS NULL
    ) AS a
WHERE p.updated_at >= now() - interval '2 days' AND p.direction = 'inbound' AND a.amount > p.amount;
