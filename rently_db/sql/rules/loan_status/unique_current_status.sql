-- owner: risk
-- severity: fail
-- tags: validation, critical
-- table: loan_status_history
-- description: Loan with several open statuses of one type
-- protects: that a loan stands in one place
-- mend: close all but the latest: UPDATE public.loan_status_history SET effective_through = ...
-- constraint: one_open_status_per_type, loan_status_history_no_overlap
-- exempt: no: reports would count the loan twice
CREATE VIEW ops.rule_unique_current_status AS
SELECT
    h.loan_id || ' ' || h.status_type AS id,
    format('%s open statuses', count(*)) AS detail
FROM public.loan_status_history AS h
WHERE h.effective_through IS NULL
GROUP BY h.loan_id, h.status_type
HAVING count(*) > 1;
