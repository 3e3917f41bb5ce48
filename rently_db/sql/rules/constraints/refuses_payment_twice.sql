-- owner: platform
-- severity: fail
-- tags: selftest
-- table: payment
-- description: A payment that a provider reports twice is one payment
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_payment_twice AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'one_payment_per_reference',
        $$UPDATE public.payment SET provider = 'selftest', external_reference = 'r1' WHERE id = :payment$$,
        $$INSERT INTO public.payment (legal_entity_id, currency_code, amount, direction, provider, external_reference,
            status) VALUES (:entity, 'SGD', 100, 'inbound', 'selftest', 'r1', 'completed')$$
    ) AS p;
