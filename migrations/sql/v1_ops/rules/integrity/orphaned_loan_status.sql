-- owner: risk
-- severity: fail
-- tags: validation
-- table: loan_status_history
-- column: loan_id
-- description: Recorded status of a loan that does not exist
-- protects: the history of statuses, which reports of past days read
-- mend: restore the loan from a backup, or delete the status if the loan was a draft
-- constraint: loan_status_history_loan_id_fkey
-- exempt: no: a row of a loan that is gone is of use to nobody
CREATE VIEW ops.rule_orphaned_loan_status AS
SELECT
    h.id::text AS id,
    'loan ' || h.loan_id || ' does not exist' AS detail
FROM public.loan_status_history AS h
LEFT JOIN public.loan AS l ON h.loan_id = l.id
WHERE l.id IS NULL;
