-- owner: treasury
-- tier: T2
-- grain: legal entity x loan currency
-- key: legal_entity_id, loan_currency
-- refresh: minute
-- description: How much of each company's book is in which currency, and how that currency moved
-- column legal_entity_name: Company that lends
-- column entity_functional_currency: Currency of its books, ISO 4217
-- column loan_currency: Currency of the loans, ISO 4217
-- column loan_count: Loans on the book that owe principal
-- column total_exposure_original_ccy: Their outstanding principal in loan_currency
-- column total_exposure_functional_ccy: The same in the functional currency at today's rate, 2 places; NULL: the rate is missing
-- column currency_exposure_pct: total_exposure_functional_ccy, unrounded, in percent of the company's book, 2 places; NULL: a rate of the company is missing
-- column fx_risk_level: No FX Risk in the functional currency; else by the unrounded share High FX Risk over currency_risk_high_pct (30), Medium FX
--     Risk over currency_risk_medium_pct (15), Low FX Risk; NULL: the share is unknown
-- column hedging_recommendation: No Hedging Required in the functional currency; else Consider Hedging with a share over currency_hedging_pct (20), Monitor; NULL likewise
-- column legal_entity_id: Company
-- column functional_rate: Units of the functional currency for one of loan_currency; NULL: missing
-- column rate_date: Day of that rate
-- column vol_90d_pct: volatility_pct of fx_volatility: sample standard deviation of the rate over the last fx_volatility_days (90) days in percent of its mean
-- column needs_signoff: Whether a threshold is a placeholder
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_currency_risk_analysis AS
WITH setting AS (
    SELECT
        analytics.setting_number('currency_risk_high_pct') AS high,
        analytics.setting_number('currency_risk_medium_pct') AS medium,
        analytics.setting_number('currency_hedging_pct') AS hedging,
        exists(
            SELECT FROM analytics.provisional_setting AS s
            WHERE s.key LIKE 'currency\_risk\_%' OR s.key = 'currency_hedging_pct')
            AS needs_signoff
),

book AS (
    SELECT
        x.legal_entity_id,
        x.currency_code,
        count(*) AS loan_count,
        sum(x.outstanding_principal) AS exposure,
        CASE WHEN count(*) = count(x.exposure_fn) THEN sum(x.exposure_fn) END AS exposure_fn
    FROM analytics.loan_exposure AS x
    GROUP BY x.legal_entity_id, x.currency_code
),

share AS (
    SELECT
        b.legal_entity_id,
        b.currency_code,
        b.loan_count,
        b.exposure,
        b.exposure_fn,
        100 * b.exposure_fn
        / CASE WHEN count(*) OVER w = count(b.exposure_fn) OVER w THEN sum(b.exposure_fn) OVER w END AS pct
    FROM book AS b
    WINDOW w AS (PARTITION BY b.legal_entity_id)
)

SELECT
    e.legal_entity_name,
    e.functional_ccy AS entity_functional_currency,
    h.currency_code AS loan_currency,
    h.loan_count,
    h.exposure AS total_exposure_original_ccy,
    round(h.exposure_fn, 2) AS total_exposure_functional_ccy,
    round(h.pct, 2) AS currency_exposure_pct,
    CASE
        WHEN h.currency_code = e.functional_ccy THEN 'No FX Risk'
        WHEN h.pct > s.high THEN 'High FX Risk'
        WHEN h.pct > s.medium THEN 'Medium FX Risk'
        WHEN h.pct IS NOT NULL THEN 'Low FX Risk'
    END AS fx_risk_level,
    CASE
        WHEN h.currency_code = e.functional_ccy THEN 'No Hedging Required'
        WHEN h.pct > s.hedging THEN 'Consider Hedging'
        WHEN h.pct IS NOT NULL THEN 'Monitor'
    END AS hedging_recommendation,
    h.legal_entity_id,
    r.functional_rate,
    r.functional_rate_date AS rate_date,
    v.volatility_pct AS vol_90d_pct,
    s.needs_signoff,
    e.business_date
FROM share AS h
CROSS JOIN setting AS s
INNER JOIN analytics.entity_day AS e ON h.legal_entity_id = e.legal_entity_id
INNER JOIN analytics.currency_rate AS r ON h.legal_entity_id = r.legal_entity_id AND h.currency_code = r.currency_code
INNER JOIN analytics.fx_volatility AS v ON h.legal_entity_id = v.legal_entity_id AND h.currency_code = v.currency_code;
