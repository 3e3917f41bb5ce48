-- owner: finance
-- severity: fail
-- tags: preflight, validation, critical
-- table: loan
-- column: currency_code
-- description: Instalment, disbursement or allocated payment in another currency than its loan
-- protects: balances: amounts of different currencies would be added up as if they were one
-- mend: correct the currency of the row that is wrong; a payment in another currency is exchanged first and allocated as what it gave
-- constraint: amortisation_line.check_currency, amortisation_line.check_currency_change, disbursement.check_currency,
--     disbursement.check_currency_change, payment_allocation.check_new, payment.check_change, loan.check_currency_change
-- exempt: no: sums of two currencies mean nothing
CREATE VIEW ops.rule_currency_consistency AS
SELECT
    i.id::text AS id,
    format('instalment in %s, loan %s in %s', i.currency_code, l.id, l.currency_code) AS detail
FROM public.amortisation_line AS i
INNER JOIN public.amortisation_plan AS p ON i.plan_id = p.id
INNER JOIN public.loan AS l ON p.loan_id = l.id
WHERE i.currency_code <> l.currency_code
UNION ALL
SELECT
    d.id::text AS id,
    format('disbursement in %s, loan %s in %s', d.currency_code, l.id, l.currency_code) AS detail
FROM public.disbursement AS d
INNER JOIN public.loan AS l ON d.loan_id = l.id
WHERE d.currency_code <> l.currency_code
UNION ALL
SELECT
    a.id::text AS id,
    format('payment %s in %s, loan %s in %s', p.id, p.currency_code, l.id, l.currency_code) AS detail
FROM public.payment_allocation AS a
INNER JOIN public.payment AS p ON a.payment_id = p.id
INNER JOIN public.loan AS l ON a.loan_id = l.id
WHERE p.currency_code <> l.currency_code;
