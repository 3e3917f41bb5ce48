-- owner: finance
-- tier: T2
-- grain: entity x currency of loans
-- key: legal_entity_id, loan_currency
-- refresh: minute
-- description: The book of each company by currency, in the loans' own, the functional and the group's currency, with rate, date and method;
--     a missing rate leaves its amounts and every total over them NULL
-- column legal_entity_name: Company that lends
-- column functional_ccy: Currency of its books
-- column total_portfolio_functional_ccy: Sum of outstanding_functional_ccy over the company's currencies; NULL where one is
-- column total_default_functional_ccy: Sum of default_functional_ccy over them; NULL where one is
-- column loan_currency: Currency of the loans
-- column active_loans: Loans on the book (status active)
-- column outstanding_original_ccy: Principal owed by them, in loan_currency
-- column outstanding_functional_ccy: The same in functional_ccy by today's rate, rounded to two places
-- column default_original_ccy: Outstanding principal of non-performing loans (loan_risk.is_default), in loan_currency
-- column default_functional_ccy: The same in functional_ccy, rounded to two places
-- column fx_rate_to_functional: Units of functional_ccy for one of loan_currency; NULL: missing
-- column fx_rate_date: Day of that rate
-- column currency_exposure_pct: outstanding_functional_ccy in percent of total_portfolio_functional_ccy
-- column default_rate_by_currency_pct: default_original_ccy in percent of outstanding_original_ccy
-- column fx_risk_assessment: No FX Risk for the functional currency, else by volatility_pct: High FX Volatility over setting fx_volatility_high_pct, Medium FX
--     Volatility over fx_volatility_medium_pct, else Low FX Volatility; NULL: volatility unknown
-- column legal_entity_id: Company that lends
-- column business_date: Day for which it holds
-- column fx_method: identity, direct, inverse or cross; NULL: missing
-- column is_rate_missing: Whether the rate to functional_ccy or to group_ccy is missing
-- column group_ccy: Currency of the group
-- column outstanding_group_ccy: outstanding_original_ccy in group_ccy by today's rate, rounded to two places; NULL: no rate
-- column default_group_ccy: default_original_ccy in group_ccy, rounded to two places; NULL: no rate
-- column fx_rate_to_group: Units of group_ccy for one of loan_currency; NULL: missing
-- column fx_rate_to_group_date: Day of that rate
-- column fx_method_to_group: identity, direct, inverse or cross; NULL: missing
-- column volatility_pct: fx_volatility.volatility_pct
CREATE VIEW analytics.v_consolidated_multi_currency_report AS
WITH book AS (
    SELECT
        p.legal_entity_id,
        p.legal_entity_name,
        p.business_date,
        p.currency_code,
        count(*) FILTER (WHERE p.is_on_book) AS active_loans,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book), 0) AS outstanding,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE r.is_default), 0) AS in_default
    FROM analytics.loan_position AS p
    INNER JOIN analytics.loan_risk AS r ON p.loan_id = r.loan_id
    GROUP BY p.legal_entity_id, p.legal_entity_name, p.business_date, p.currency_code
),

converted AS (
    SELECT
        b.legal_entity_id,
        b.legal_entity_name,
        b.business_date,
        b.currency_code,
        b.active_loans,
        b.outstanding,
        b.in_default,
        c.functional_ccy,
        c.functional_rate,
        c.functional_rate_date,
        c.functional_method,
        c.group_ccy,
        c.group_rate,
        c.group_rate_date,
        c.group_method,
        round(b.outstanding * c.functional_rate, 2) AS outstanding_fn,
        round(b.in_default * c.functional_rate, 2) AS default_fn,
        v.volatility_pct
    FROM book AS b
    INNER JOIN analytics.currency_rate AS c ON b.legal_entity_id = c.legal_entity_id AND b.currency_code = c.currency_code
    INNER JOIN analytics.fx_volatility AS v ON b.legal_entity_id = v.legal_entity_id AND b.currency_code = v.currency_code
),

totalled AS (
    SELECT
        c.*,
        CASE WHEN count(*) OVER w = count(c.outstanding_fn) OVER w THEN sum(c.outstanding_fn) OVER w END AS total_fn,
        CASE WHEN count(*) OVER w = count(c.default_fn) OVER w THEN sum(c.default_fn) OVER w END AS total_default_fn
    FROM converted AS c
    WINDOW w AS (PARTITION BY c.legal_entity_id)
)

SELECT
    t.legal_entity_name,
    t.functional_ccy,
    t.total_fn AS total_portfolio_functional_ccy,
    t.total_default_fn AS total_default_functional_ccy,
    t.currency_code AS loan_currency,
    t.active_loans,
    t.outstanding AS outstanding_original_ccy,
    t.outstanding_fn AS outstanding_functional_ccy,
    t.in_default AS default_original_ccy,
    t.default_fn AS default_functional_ccy,
    t.functional_rate AS fx_rate_to_functional,
    t.functional_rate_date AS fx_rate_date,
    analytics.percentage(t.outstanding_fn, t.total_fn) AS currency_exposure_pct,
    analytics.percentage(t.in_default, t.outstanding) AS default_rate_by_currency_pct,
    CASE
        WHEN t.currency_code = t.functional_ccy THEN 'No FX Risk'
        WHEN t.volatility_pct > (SELECT analytics.setting_number('fx_volatility_high_pct')) THEN 'High FX Volatility'
        WHEN t.volatility_pct > (SELECT analytics.setting_number('fx_volatility_medium_pct')) THEN 'Medium FX Volatility'
        WHEN t.volatility_pct IS NOT NULL THEN 'Low FX Volatility'
    END AS fx_risk_assessment,
    t.legal_entity_id,
    t.business_date,
    t.functional_method AS fx_method,
    t.functional_rate IS NULL OR t.group_rate IS NULL AS is_rate_missing,
    t.group_ccy,
    round(t.outstanding * t.group_rate, 2) AS outstanding_group_ccy,
    round(t.in_default * t.group_rate, 2) AS default_group_ccy,
    t.group_rate AS fx_rate_to_group,
    t.group_rate_date AS fx_rate_to_group_date,
    t.group_method AS fx_method_to_group,
    t.volatility_pct
FROM totalled AS t;
