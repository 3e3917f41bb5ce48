-- owner: finance
-- severity: fail
-- tags: selftest
-- table: payment_allocation
-- description: A payment settles loans of its own currency
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_payment_in_another_currency AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'currency_agrees',
        $$INSERT INTO public.payment (id, legal_entity_id, currency_code, amount, direction, status) VALUES (:instrument,
            :entity, 'AED', 10, 'inbound', 'completed')$$,
        $$INSERT INTO public.payment_allocation (payment_id, loan_id, component, allocated_amount) VALUES (:instrument,
            :loan, 'principal', 10)$$
    ) AS p;
