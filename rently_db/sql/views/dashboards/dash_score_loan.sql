-- owner: data_science
-- tier: T3
-- grain: loan on the book
-- key: loan_id
-- refresh: daily
-- description: The loans behind the distribution of the score with what makes their score, without names: to drill through to
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of outstanding_fn, ISO 4217
-- column loan_id: Loan
-- column loan_number: Its number
-- column product_category: Category of the product
-- column currency_code: Currency of the loan, ISO 4217
-- column score: current_risk_score: High, Medium, Low or Minimal
-- column outstanding: Outstanding principal in currency_code
-- column outstanding_fn: The same in the functional currency at today's rate, rounded to 2 places; NULL: the rate is missing
-- column dpd: Days past due
-- column max_dpd: Worst days past due so far
-- column avg_days_late: Days late per settled instalment; NULL: none settled
-- column on_time_pct: Instalments settled on time in percent; NULL: none settled
-- column legal_actions: Legal actions so far
-- column is_forborne: Whether flag forborne holds
CREATE VIEW analytics.dash_score_loan AS
SELECT
    m.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    m.loan_id,
    l.loan_number,
    m.product_category,
    m.currency_code,
    m.current_risk_score AS score,
    m.outstanding_principal AS outstanding,
    round(m.outstanding_principal * r.functional_rate, 2) AS outstanding_fn,
    m.current_dpd AS dpd,
    m.max_dpd_reached AS max_dpd,
    m.avg_days_late,
    m.on_time_payment_rate_pct AS on_time_pct,
    m.legal_actions_count AS legal_actions,
    m.is_forborne = 1 AS is_forborne
FROM analytics.mv_ml_features_cache AS m
INNER JOIN public.loan AS l ON m.loan_id = l.id
INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
INNER JOIN analytics.currency_rate AS r ON m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
WHERE m.status = 'active';
