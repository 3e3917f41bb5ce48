-- owner: portfolio
-- tier: T1
-- grain: loan
-- key: loan_id
-- refresh: minute
-- description: The same as v_current_loan_status_summary, under the name that other software reads. No copy is kept: loan_state is the maintained copy
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column currency_code: Currency of all amounts, ISO 4217
-- column loan_status: Status of the contract on the business date
-- column current_risk_level: Open status of type risk_level; normal if none is open
-- column risk_level_since: Moment since which it holds; NULL: none is open
-- column current_collections_stage: Open status of type collections_stage; current if none is open
-- column collections_stage_since: Moment since which it holds; NULL: none is open
-- column current_legal_action: Open status of type legal_action; none if none is open
-- column legal_action_since: Moment since which it holds; NULL: none is open
-- column dpd: Days past due on the business date
-- column outstanding_principal: Outstanding principal
CREATE VIEW analytics.mv_current_loan_status_realtime AS
SELECT
    s.loan_id,
    s.loan_number,
    s.currency_code,
    s.loan_status,
    s.current_risk_level,
    s.risk_level_since,
    s.current_collections_stage,
    s.collections_stage_since,
    s.current_legal_action,
    s.legal_action_since,
    s.dpd,
    s.outstanding_principal
FROM analytics.v_current_loan_status_summary AS s;
