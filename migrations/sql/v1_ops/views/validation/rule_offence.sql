-- owner: platform
-- tier: T0
-- grain: row that offends a rule
-- key: rule, id
-- refresh: live
-- description: Every row that offends a rule of the validations now, exempt or not; asked for one rule it evaluates that alone
-- generated: python -m rently_db.sql.rule_catalogue
-- column rule: Rule
-- column severity: fail, warning or info
-- column id: The row, by the id that the rule gives
-- column detail: What was found
CREATE VIEW ops.rule_offence AS
SELECT
    'position_matches_source' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_position_matches_source AS r
UNION ALL
SELECT
    'amortization_balance' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_amortization_balance AS r
UNION ALL
SELECT
    'currency_consistency' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_currency_consistency AS r
UNION ALL
SELECT
    'decision_matches_application' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_decision_matches_application AS r
UNION ALL
SELECT
    'disbursement_matches_principal' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_disbursement_matches_principal AS r
UNION ALL
SELECT
    'interest_rate_range' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_interest_rate_range AS r
UNION ALL
SELECT
    'loan_date_ranges' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_loan_date_ranges AS r
UNION ALL
SELECT
    'payment_allocation_balance' AS rule,
    r.severity,
    r.id,
    r.detail
FROM ops.rule_payment_allocation_balance AS r
UNION ALL
SELECT
    'action_date_validity' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_action_date_validity AS r
UNION ALL
SELECT
    'dpd_validity' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_dpd_validity AS r
UNION ALL
SELECT
    'escalation_tracking' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_escalation_tracking AS r
UNION ALL
SELECT
    'currency_code_format' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_currency_code_format AS r
UNION ALL
SELECT
    'currency_code_known' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_currency_code_known AS r
UNION ALL
SELECT
    'default_instrument_unique' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_default_instrument_unique AS r
UNION ALL
SELECT
    'duplicate_party' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_duplicate_party AS r
UNION ALL
SELECT
    'email_format' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_email_format AS r
UNION ALL
SELECT
    'loan_number_completeness' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_loan_number_completeness AS r
UNION ALL
SELECT
    'loan_number_uniqueness' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_loan_number_uniqueness AS r
UNION ALL
SELECT
    'payment_amount_range' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_payment_amount_range AS r
UNION ALL
SELECT
    'recent_loan_activity' AS rule,
    'info' AS severity,
    r.id,
    r.detail
FROM ops.rule_recent_loan_activity AS r
UNION ALL
SELECT
    'recent_payment_activity' AS rule,
    'info' AS severity,
    r.id,
    r.detail
FROM ops.rule_recent_payment_activity AS r
UNION ALL
SELECT
    'allocation_precision' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_allocation_precision AS r
UNION ALL
SELECT
    'amortization_calculations' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_amortization_calculations AS r
UNION ALL
SELECT
    'fx_rate_gap' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_fx_rate_gap AS r
UNION ALL
SELECT
    'fx_rate_range' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_fx_rate_range AS r
UNION ALL
SELECT
    'trial_balance' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_trial_balance AS r
UNION ALL
SELECT
    'document_link_target_missing' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_document_link_target_missing AS r
UNION ALL
SELECT
    'loans_without_borrowers' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_loans_without_borrowers AS r
UNION ALL
SELECT
    'orphaned_amortisation_lines' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_orphaned_amortisation_lines AS r
UNION ALL
SELECT
    'orphaned_loan_status' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_orphaned_loan_status AS r
UNION ALL
SELECT
    'orphaned_payment_allocations' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_orphaned_payment_allocations AS r
UNION ALL
SELECT
    'status_coverage' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_status_coverage AS r
UNION ALL
SELECT
    'status_matches_loan' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_status_matches_loan AS r
UNION ALL
SELECT
    'status_progression' AS rule,
    'warning' AS severity,
    r.id,
    r.detail
FROM ops.rule_status_progression AS r
UNION ALL
SELECT
    'unique_current_status' AS rule,
    'fail' AS severity,
    r.id,
    r.detail
FROM ops.rule_unique_current_status AS r;
