-- owner: portfolio
-- severity: fail
-- tags: preflight, validation, quality, selftest
-- table: loan
-- column: loan_number
-- description: Loan whose number another loan has too, but for case and blanks
-- protects: against paying or calling the wrong borrower
-- mend: give one of them its own number, as its contract says
-- constraint: loan_loan_number_key
-- exempt: yes: of numbers that old contracts share and that borrowers know, until the contracts end
CREATE VIEW ops.rule_loan_number_uniqueness AS
SELECT
    l.id::text AS id,
    format('%s is the number of %s loans', l.loan_number, l.namesakes) AS detail
FROM (
    SELECT
        n.id,
        n.loan_number,
        count(*) OVER (PARTITION BY upper(regexp_replace(n.loan_number, '\s', '', 'g'))) AS namesakes
    FROM public.loan AS n
    WHERE btrim(n.loan_number) <> ''
) AS l
WHERE l.namesakes > 1;
