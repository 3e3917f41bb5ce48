-- owner: treasury
-- tier: T3
-- grain: day x pair of currencies in use
-- key: rate_day, from_currency, to_currency
-- refresh: live
-- description: The rate of every pair of currencies in use on each of the last days (setting fx_rate_daily_days), as totals use it; missing ones are listed
-- column rate_day: Day, up to the latest business date of the companies
-- column from_currency: Currency of one unit: of a company's books, its loans, the group, or the pivot
-- column to_currency: Currency it is expressed in, another one of them
-- column rate: Units of to_currency for one of from_currency (fx_rate); NULL: missing
-- column rate_date: Day of the quotation, the older one of a cross; NULL: missing
-- column method: direct, inverse or cross; NULL: missing
-- column age_days: Days since rate_date; NULL: missing
-- column is_missing: Whether there is no rate that is young enough (setting rate_maximum_age_days)
CREATE VIEW analytics.v_fx_rate_daily AS
WITH currency AS (
    SELECT e.functional_ccy AS code
    FROM public.legal_entity AS e
    UNION
    SELECT s.currency_code
    FROM analytics.loan_state AS s
    UNION
    SELECT x.code::char(3)
    FROM (VALUES ((SELECT analytics.setting_text('group_currency'))), ((SELECT analytics.setting_text('rate_pivot')))) AS x (code)
    WHERE x.code IS NOT NULL
),

calendar AS (
    SELECT t.today - g.ago AS rate_day
    FROM (SELECT max(e.business_date) AS today FROM analytics.entity_day AS e) AS t
    CROSS JOIN generate_series(0, (SELECT analytics.setting_number('fx_rate_daily_days'))::integer - 1) AS g (ago)
    WHERE t.today IS NOT NULL
)

SELECT
    d.rate_day,
    a.code AS from_currency,
    b.code AS to_currency,
    f.rate,
    f.rate_date,
    f.method,
    d.rate_day - f.rate_date AS age_days,
    f.rate IS NULL AS is_missing
FROM calendar AS d
CROSS JOIN currency AS a
INNER JOIN currency AS b ON a.code <> b.code
CROSS JOIN LATERAL analytics.fx_rate(a.code, b.code, d.rate_day) AS f;
