-- owner: platform
-- severity: fail
-- tags: selftest
-- table: payment_instrument
-- description: A currency that ISO 4217 does not have is refused
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_unknown_currency AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'currency',
        $$INSERT INTO public.payment_instrument (party_id, instrument_type, currency_code) VALUES (:party, 'bank_account',
            'XQZ')$$
    ) AS p;
