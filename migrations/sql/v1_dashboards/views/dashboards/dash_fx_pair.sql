-- owner: treasury
-- tier: T2
-- grain: legal entity x currency in use other than its own
-- key: legal_entity_id, currency_code
-- refresh: quarter_hour
-- description: Each pair of a currency in use and a company's own: what is lent in it, how its rate moved, and whether the rate is fresh. Also pairs that nothing is lent in
--     today: the group's currency and the pivot carry the conversions
-- column legal_entity_id: Company
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column currency_code: The other currency: of the group, the pivot, or that any company lends in or keeps books in
-- column pair: currency_code / functional_ccy, e.g. USD/SGD
-- column loans: Loans on the book in currency_code
-- column exposure: Their outstanding principal, in currency_code
-- column exposure_fn: The same in functional_ccy at today's rate, rounded to 2 places; NULL: the rate is missing
-- column exposure_pct: exposure_fn in percent of the company's book, rounded to 2 places; NULL: a rate of the company is missing, or nothing is on the book
-- column volatility_pct: Sample standard deviation of the rates of the last (setting fx_volatility_days) days in percent of their mean, as fx_volatility has it; NULL: fewer than two
-- column at_risk_fn: exposure_fn * volatility_pct / 100: what a move of one standard deviation changes, in functional_ccy
-- column rate: Units of functional_ccy for one of currency_code today; NULL: missing
-- column rate_date: Day of the quotation; NULL: missing
-- column method: direct, inverse or cross; NULL: missing
-- column age_days: Days since rate_date; NULL: missing
-- column missing_days: Of the last (setting fx_volatility_days) days, those without a rate
-- column rate_status: missing: no rate is young enough (setting rate_maximum_age_days); stale: older than half of that; ok
-- column rate_sort: 1 missing, 2 stale, 3 ok
CREATE VIEW analytics.dash_fx_pair AS
WITH span AS (
    SELECT
        analytics.setting_number('fx_volatility_days')::integer AS days,
        analytics.setting_number('rate_maximum_age_days') AS maximum_age
),

moved AS (
    SELECT
        e.legal_entity_id,
        f.from_currency AS currency_code,
        count(f.rate) AS days,
        count(*) - count(f.rate) AS missing_days,
        round(100 * stddev_samp(f.rate) / nullif(avg(f.rate), 0), 2) AS volatility_pct
    FROM analytics.mv_dash_fx_rate AS f
    CROSS JOIN span AS s
    INNER JOIN analytics.entity_day AS e
        ON f.to_currency = e.functional_ccy AND f.rate_day <= e.business_date AND f.rate_day > e.business_date - s.days
    GROUP BY e.legal_entity_id, f.from_currency
),

lent AS (
    SELECT
        m.legal_entity_id,
        m.currency_code,
        sum(m.loans) AS loans,
        sum(m.outstanding) AS exposure,
        sum(m.outstanding) * r.functional_rate AS exposure_fn
    FROM analytics.mv_portfolio_total AS m
    INNER JOIN analytics.currency_rate AS r ON m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
    WHERE m.status = 'active'
    GROUP BY m.legal_entity_id, m.currency_code, r.functional_rate
),

book AS (
    SELECT
        l.legal_entity_id,
        CASE WHEN count(*) FILTER (WHERE l.exposure <> 0 AND l.exposure_fn IS NULL) = 0 THEN sum(l.exposure_fn) END AS total
    FROM lent AS l
    GROUP BY l.legal_entity_id
),

rated AS (
    SELECT
        m.legal_entity_id,
        m.currency_code,
        m.missing_days,
        CASE WHEN m.days > 1 THEN m.volatility_pct END AS volatility_pct,
        f.rate,
        f.rate_date,
        f.method,
        e.business_date - f.rate_date AS age_days,
        CASE WHEN f.rate IS NULL THEN 1 WHEN e.business_date - f.rate_date > s.maximum_age / 2 THEN 2 ELSE 3 END AS rate_sort,
        e.legal_entity_name,
        e.functional_ccy
    FROM moved AS m
    INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
    CROSS JOIN span AS s
    CROSS JOIN LATERAL analytics.fx_rate(m.currency_code, e.functional_ccy, e.business_date) AS f
)

SELECT
    r.legal_entity_id,
    r.legal_entity_name,
    r.functional_ccy,
    r.currency_code,
    r.currency_code || '/' || r.functional_ccy AS pair,
    coalesce(l.loans, 0)::bigint AS loans,
    coalesce(l.exposure, 0) AS exposure,
    CASE WHEN coalesce(l.exposure, 0) = 0 THEN 0 ELSE round(l.exposure_fn, 2) END AS exposure_fn,
    CASE WHEN b.total > 0 THEN round(100 * coalesce(l.exposure_fn, 0) / b.total, 2) END AS exposure_pct,
    r.volatility_pct,
    CASE WHEN coalesce(l.exposure, 0) = 0 THEN 0 ELSE round(l.exposure_fn * r.volatility_pct / 100, 2) END AS at_risk_fn,
    r.rate,
    r.rate_date,
    r.method,
    r.age_days,
    r.missing_days,
    (ARRAY['missing', 'stale', 'ok'])[r.rate_sort] AS rate_status,
    r.rate_sort
FROM rated AS r
LEFT JOIN lent AS l ON r.legal_entity_id = l.legal_entity_id AND r.currency_code = l.currency_code
LEFT JOIN book AS b ON r.legal_entity_id = b.legal_entity_id;
