-- owner: portfolio
-- severity: fail
-- tags: preflight, validation, quality, selftest
-- table: loan
-- column: loan_number
-- description: Loan without a number
-- protects: that people who speak of a loan mean the same one
-- mend: UPDATE public.loan SET loan_number = ... from the contract
-- exempt: no: write a number
CREATE VIEW ops.rule_loan_number_completeness AS
SELECT
    l.id::text AS id,
    'no number' AS detail
FROM public.loan AS l
WHERE btrim(coalesce(l.loan_number, '')) = '';
