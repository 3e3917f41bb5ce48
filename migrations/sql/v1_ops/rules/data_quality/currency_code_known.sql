-- owner: finance
-- severity: fail
-- tags: validation, quality, selftest
-- table: loan
-- column: currency_code
-- description: Currency code, of any table, that ISO 4217 does not have
-- protects: against money in a currency that nobody has a rate of
-- mend: correct the code; a currency that is new is added to public.currency
-- constraint: legal_entity_functional_ccy_fkey, application_requested_currency_fkey, loan_currency_code_fkey,
--     payment_instrument_currency_code_fkey, fx_rate_from_ccy_fkey, fx_rate_to_ccy_fkey
-- exempt: no: add a currency that is new to public.currency
CREATE VIEW ops.rule_currency_code_known AS
SELECT
    t.id::text AS id,
    'legal_entity.functional_ccy is ' || t.functional_ccy AS detail
FROM public.legal_entity AS t
WHERE
    t.functional_ccy IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.functional_ccy
    )
UNION ALL
SELECT
    t.id::text AS id,
    'application.requested_currency is ' || t.requested_currency AS detail
FROM public.application AS t
WHERE
    t.requested_currency IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.requested_currency
    )
UNION ALL
SELECT
    t.id::text AS id,
    'decision.approved_currency is ' || t.approved_currency AS detail
FROM public.decision AS t
WHERE
    t.approved_currency IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.approved_currency
    )
UNION ALL
SELECT
    t.id::text AS id,
    'loan.currency_code is ' || t.currency_code AS detail
FROM public.loan AS t
WHERE
    t.currency_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.currency_code
    )
UNION ALL
SELECT
    t.id::text AS id,
    'amortisation_line.currency_code is ' || t.currency_code AS detail
FROM public.amortisation_line AS t
WHERE
    t.currency_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.currency_code
    )
UNION ALL
SELECT
    t.id::text AS id,
    'payment.currency_code is ' || t.currency_code AS detail
FROM public.payment AS t
WHERE
    t.currency_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.currency_code
    )
UNION ALL
SELECT
    t.id::text AS id,
    'payment_instrument.currency_code is ' || t.currency_code AS detail
FROM public.payment_instrument AS t
WHERE
    t.currency_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.currency_code
    )
UNION ALL
SELECT
    t.id::text AS id,
    'disbursement.currency_code is ' || t.currency_code AS detail
FROM public.disbursement AS t
WHERE
    t.currency_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.currency_code
    )
UNION ALL
SELECT
    t.id::text AS id,
    'collections_event.currency_code is ' || t.currency_code AS detail
FROM public.collections_event AS t
WHERE
    t.currency_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.currency_code
    )
UNION ALL
SELECT
    t.id::text AS id,
    'ledger_entry.currency_code is ' || t.currency_code AS detail
FROM public.ledger_entry AS t
WHERE
    t.currency_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.currency_code
    )
UNION ALL
SELECT
    t.id::text AS id,
    'security_interest.value_ccy is ' || t.value_ccy AS detail
FROM public.security_interest AS t
WHERE
    t.value_ccy IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.value_ccy
    )
UNION ALL
SELECT
    t.id::text AS id,
    'fx_rate.from_ccy is ' || t.from_ccy AS detail
FROM public.fx_rate AS t
WHERE
    t.from_ccy IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.currency AS y
        WHERE y.code = t.from_ccy
    )
UNION ALL
SELECT
    t.id::text AS id,
    'fx_rate.to_ccy is ' || t.to_ccy AS detail
FROM public.fx_rate AS t
WHERE t.to_ccy IS NOT NULL AND NOT EXISTS (
    SELECT FROM public.currency AS y
    WHERE y.code = t.to_ccy
);
