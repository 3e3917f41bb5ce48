-- owner: treasury
-- tier: T2
-- grain: day x legal entity x currency in use other than its own
-- key: rate_day, legal_entity_id, currency_code
-- refresh: quarter_hour
-- description: How the rate of each currency in use to the functional one went: rate, index and rolling volatility. The days are those of v_fx_rate_daily
-- column rate_day: Day
-- column days_ago: Days before the business date
-- column legal_entity_id: Company
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column currency_code: The other currency: of the group, the pivot, or that any company lends in or keeps books in
-- column rate: Units of functional_ccy for one of currency_code; NULL: missing
-- column rate_index: rate in percent of the first one, so that lines of different currencies compare; rounded to 3 places
-- column volatility_pct: Sample standard deviation of the rates of the (setting fx_volatility_days) days that end on the day, in percent of their mean, rounded to
--     2 places, as fx_volatility has it for the business date; given for every seventh day back from the business date. NULL: one of these days has no rate or
--     lies before the first
CREATE VIEW analytics.dash_fx_rate AS
WITH span AS (
    SELECT analytics.setting_number('fx_volatility_days')::integer AS days
),

daily AS MATERIALIZED (
    SELECT
        f.rate_day,
        e.business_date - f.rate_day AS days_ago,
        e.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy,
        f.from_currency AS currency_code,
        f.rate
    FROM analytics.mv_dash_fx_rate AS f
    INNER JOIN analytics.entity_day AS e ON f.to_currency = e.functional_ccy AND f.rate_day <= e.business_date
),

rolling AS (
    SELECT
        d.legal_entity_id,
        d.currency_code,
        d.rate_day,
        count(b.rate) AS days,
        round(100 * stddev_samp(b.rate) / avg(b.rate), 2) AS volatility_pct
    FROM daily AS d
    CROSS JOIN span AS s
    INNER JOIN daily AS b
        ON
            d.legal_entity_id = b.legal_entity_id AND d.currency_code = b.currency_code
            AND d.rate_day - s.days < b.rate_day AND d.rate_day >= b.rate_day
    WHERE d.days_ago % 7 = 0
    GROUP BY d.legal_entity_id, d.currency_code, d.rate_day
)

SELECT
    d.rate_day,
    d.days_ago,
    d.legal_entity_id,
    d.legal_entity_name,
    d.functional_ccy,
    d.currency_code,
    d.rate,
    round(
        100 * d.rate / first_value(d.rate) OVER (
            PARTITION BY d.legal_entity_id, d.currency_code
            ORDER BY d.rate IS NULL, d.rate_day
        ), 3
    ) AS rate_index,
    CASE WHEN v.days = s.days THEN v.volatility_pct END AS volatility_pct
FROM daily AS d
CROSS JOIN span AS s
LEFT JOIN rolling AS v
    ON d.legal_entity_id = v.legal_entity_id AND d.currency_code = v.currency_code AND d.rate_day = v.rate_day;
