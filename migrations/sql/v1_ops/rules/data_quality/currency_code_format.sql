-- owner: finance
-- severity: fail
-- tags: validation, quality
-- table: loan
-- column: currency_code
-- description: Currency code, of any table, that is not three capital letters
-- protects: sums by currency, which would split or mix
-- mend: write the code of ISO 4217 in capitals
-- constraint: legal_entity_functional_ccy_check, loan_currency_check, payment_currency_check, payment_instrument_currency_check,
--     disbursement_currency_check, amortisation_line_currency_check
-- exempt: no: write the code in capitals
CREATE VIEW ops.rule_currency_code_format AS
SELECT
    t.id::text AS id,
    'legal_entity.functional_ccy is ' || t.functional_ccy AS detail
FROM public.legal_entity AS t
WHERE t.functional_ccy !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'application.requested_currency is ' || t.requested_currency AS detail
FROM public.application AS t
WHERE t.requested_currency !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'decision.approved_currency is ' || t.approved_currency AS detail
FROM public.decision AS t
WHERE t.approved_currency !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'loan.currency_code is ' || t.currency_code AS detail
FROM public.loan AS t
WHERE t.currency_code !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'amortisation_line.currency_code is ' || t.currency_code AS detail
FROM public.amortisation_line AS t
WHERE t.currency_code !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'payment.currency_code is ' || t.currency_code AS detail
FROM public.payment AS t
WHERE t.currency_code !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'payment_instrument.currency_code is ' || t.currency_code AS detail
FROM public.payment_instrument AS t
WHERE t.currency_code !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'disbursement.currency_code is ' || t.currency_code AS detail
FROM public.disbursement AS t
WHERE t.currency_code !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'collections_event.currency_code is ' || t.currency_code AS detail
FROM public.collections_event AS t
WHERE t.currency_code !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'ledger_entry.currency_code is ' || t.currency_code AS detail
FROM public.ledger_entry AS t
WHERE t.currency_code !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'security_interest.value_ccy is ' || t.value_ccy AS detail
FROM public.security_interest AS t
WHERE t.value_ccy !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'fx_rate.from_ccy is ' || t.from_ccy AS detail
FROM public.fx_rate AS t
WHERE t.from_ccy !~ '^[A-Z]{3}$'
UNION ALL
SELECT
    t.id::text AS id,
    'fx_rate.to_ccy is ' || t.to_ccy AS detail
FROM public.fx_rate AS t
WHERE t.to_ccy !~ '^[A-Z]{3}$';
