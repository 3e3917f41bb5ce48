-- owner: risk
-- severity: fail
-- tags: validation, critical
-- table: loan
-- column: status
-- description: Loan whose open operational status is not its status
-- protects: that history and contract say the same
-- mend: write the right status into public.loan: the trigger records it
-- constraint: loan.record_status, loan.record_status_change
-- exempt: no: one of the two is wrong
CREATE VIEW ops.rule_status_matches_loan AS
SELECT
    l.id::text AS id,
    format('status %s, open since %s: %s', l.status, h.effective_from, h.status_value) AS detail
FROM public.loan AS l
INNER JOIN public.loan_status_history AS h ON l.id = h.loan_id AND h.status_type = 'operational_status' AND h.effective_through IS NULL
WHERE h.status_value <> l.status;
