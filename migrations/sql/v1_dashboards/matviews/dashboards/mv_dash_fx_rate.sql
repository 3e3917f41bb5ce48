-- owner: treasury
-- tier: T2
-- grain: day x pair of a currency in use and one that a company keeps its books in
-- key: rate_day, from_currency, to_currency
-- refresh: quarter_hour
-- description: Rates of the last days to the functional currencies: v_fx_rate_daily. Materialized: looking up hundreds of days takes longer than a dashboard should wait
-- column rate_day: Day
-- column from_currency: Currency of one unit
-- column to_currency: Functional currency of a company
-- column rate: Units of to_currency for one of from_currency; NULL: missing
CREATE MATERIALIZED VIEW analytics.mv_dash_fx_rate AS
SELECT
    f.rate_day,
    f.from_currency,
    f.to_currency,
    f.rate
FROM analytics.v_fx_rate_daily AS f
WHERE f.to_currency IN (SELECT e.functional_ccy FROM public.legal_entity AS e);
CREATE UNIQUE INDEX uq_mv_dash_fx_rate ON analytics.mv_dash_fx_rate (rate_day, from_currency, to_currency);
