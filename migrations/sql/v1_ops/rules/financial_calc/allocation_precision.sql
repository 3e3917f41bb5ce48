-- owner: finance
-- severity: fail
-- tags: preflight, validation
-- table: payment_allocation
-- column: allocated_amount
-- description: Allocation of an amount that has more than two decimals, or is no number
-- protects: that what is allocated can be paid in coins, and sums come out
-- mend: reverse it and allocate anew with two decimals
-- constraint: payment_allocation_allocated_amount_is_money
-- exempt: no: sums would not come out
CREATE VIEW ops.rule_allocation_precision AS
SELECT
    a.id::text AS id,
    a.allocated_amount::text AS detail
FROM public.payment_allocation AS a
WHERE a.allocated_amount IS NOT NULL AND NOT (a.allocated_amount = round(a.allocated_amount, 2) AND abs(a.allocated_amount) < 1e13);
