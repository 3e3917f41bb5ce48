-- owner: portfolio
-- tier: T0
-- grain: loan x type of status
-- key: loan_id, status_type
-- refresh: live
-- description: The status of each type that is open now; a partial unique index of loan_status_history keeps it to one
-- column loan_id: Loan
-- column status_type: risk_level, collections_stage, legal_action or operational_status
-- column status_value: The status
-- column effective_from: Moment since which it holds
-- column reason: Why it was set; NULL: not said
CREATE VIEW analytics.current_loan_status AS
SELECT
    h.loan_id,
    h.status_type,
    h.status_value,
    h.effective_from,
    h.reason
FROM public.loan_status_history AS h
WHERE h.effective_through IS NULL;
