-- owner: finance
-- severity: warning
-- tags: preflight, validation, quality
-- table: payment
-- column: amount
-- description: Payment of 0 or less, or of more than 1,000,000
-- protects: against slips of the decimal point
-- mend: look at the bank statement; a right amount is exempted by name
-- constraint: payment_amount_positive
-- exempt: yes: of a right amount, once the bank statement was looked at; name the payment
CREATE VIEW ops.rule_payment_amount_range AS
SELECT
    p.id::text AS id,
    p.amount || ' ' || p.currency_code AS detail
FROM public.payment AS p
WHERE p.amount <= 0 OR p.amount > 1000000;
