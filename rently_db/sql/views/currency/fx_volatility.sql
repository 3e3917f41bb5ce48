-- owner: treasury
-- tier: T2
-- grain: legal entity x currency that it lends in
-- key: legal_entity_id, currency_code
-- refresh: live
-- description: How much the rate of each lending currency to the functional one moved lately
-- column legal_entity_id: Legal entity
-- column currency_code: Currency of its loans
-- column functional_ccy: Currency of its books
-- column days: Days with a rate among the last (setting fx_volatility_days) days, the business date included
-- column volatility_pct: Sample standard deviation of the rates of those days in percent of their mean, rounded to two places; a day without a new rate
--     repeats the last one (fx_rate); 0 for the functional currency; NULL: fewer than two days with a rate
CREATE VIEW analytics.fx_volatility AS
SELECT
    r.legal_entity_id,
    r.currency_code,
    r.functional_ccy,
    v.days,
    CASE WHEN r.currency_code = r.functional_ccy THEN 0 ELSE round(100 * v.deviation / nullif(v.mean, 0), 2) END AS volatility_pct
FROM analytics.currency_rate AS r
INNER JOIN analytics.entity_day AS e ON r.legal_entity_id = e.legal_entity_id
CROSS JOIN LATERAL (
    SELECT
        count(f.rate) AS days,
        stddev_samp(f.rate) AS deviation,
        avg(f.rate) AS mean
    FROM generate_series(0, (SELECT analytics.setting_number('fx_volatility_days'))::integer - 1) AS g (ago)
    CROSS JOIN LATERAL analytics.fx_rate(r.currency_code, r.functional_ccy, e.business_date - g.ago) AS f
) AS v;
