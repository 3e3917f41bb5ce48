-- owner: risk
-- severity: fail
-- tags: validation
-- table: loan
-- column: status
-- description: Active loan without an open status
-- protects: reports that start from the open statuses: the loan would be missing in them
-- mend: UPDATE public.loan SET status = status writes it, by trigger record_loan_status
-- constraint: loan.record_status, loan.record_status_change
-- exempt: no: the trigger writes it
CREATE VIEW ops.rule_status_coverage AS
SELECT
    l.id::text AS id,
    'no open operational_status' AS detail
FROM public.loan AS l
WHERE
    l.status = 'active'
    AND NOT EXISTS (
        SELECT FROM public.loan_status_history AS h
        WHERE h.loan_id = l.id AND h.status_type = 'operational_status' AND h.effective_through IS NULL
    );
