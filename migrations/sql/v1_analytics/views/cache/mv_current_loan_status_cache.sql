-- owner: portfolio
-- tier: T0
-- grain: loan x type of status
-- key: loan_id, status_type
-- refresh: live
-- description: The same as current_loan_status, under the name that other software reads. No copy is kept: the partial unique index on open statuses
--     answers as fast, and a copy would be late
-- column loan_id: Loan
-- column status_type: risk_level, collections_stage, legal_action or operational_status
-- column status_value: The status that is open
-- column effective_from: Moment since which it holds
-- column reason: Why it was set; NULL: not said
CREATE VIEW analytics.mv_current_loan_status_cache AS
SELECT
    s.loan_id,
    s.status_type,
    s.status_value,
    s.effective_from,
    s.reason
FROM analytics.current_loan_status AS s;
