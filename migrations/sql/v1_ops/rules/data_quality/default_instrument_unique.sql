-- owner: finance
-- severity: fail
-- tags: validation, quality, selftest
-- table: payment_instrument
-- column: is_default
-- description: Party with several active default instruments of one currency
-- protects: that a disbursement goes to the one account that was meant
-- mend: UPDATE public.payment_instrument SET is_default = false on all but the one that is meant
-- constraint: one_default_instrument
-- exempt: no: choose one
CREATE VIEW ops.rule_default_instrument_unique AS
SELECT
    i.id::text AS id,
    format('%s defaults in %s of party %s', i.defaults, i.currency_code, i.party_id) AS detail
FROM (
    SELECT
        n.id,
        n.party_id,
        n.currency_code,
        count(*) OVER (PARTITION BY n.party_id, n.currency_code) AS defaults
    FROM public.payment_instrument AS n
    WHERE n.is_default AND n.is_active IS DISTINCT FROM FALSE
) AS i
WHERE i.defaults > 1;
