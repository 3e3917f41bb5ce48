-- owner: risk
-- severity: fail
-- tags: validation, critical
-- table: loan
-- column: borrower_party_id
-- description: Loan whose borrower is missing
-- protects: that somebody owes what was lent
-- mend: UPDATE public.loan SET borrower_party_id = ... with the party of its application
-- constraint: loan_borrower_party_id_fkey
-- exempt: no: somebody owes what was lent
CREATE VIEW ops.rule_loans_without_borrowers AS
SELECT
    l.id::text AS id,
    coalesce('party ' || l.borrower_party_id || ' does not exist', 'no borrower') AS detail
FROM public.loan AS l
LEFT JOIN public.party AS p ON l.borrower_party_id = p.id
WHERE p.id IS NULL;
