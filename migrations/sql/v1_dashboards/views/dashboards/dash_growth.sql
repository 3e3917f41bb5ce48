-- owner: finance
-- tier: T3
-- grain: legal entity x month-end of the last 12 published ones and the next 3
-- key: legal_entity_id, month_end
-- refresh: daily
-- description: Outstanding principal of the last 12 month-ends, and where it goes if the last 6 go on as a straight line (least squares)
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of the amounts, ISO 4217
-- column month_end: Last day of the month
-- column months_ago: Months before the newest published month-end: 0 is that one, below 0 is projected
-- column actual: Gross loan portfolio of the month-end (dash_month); NULL: to come, or a rate is missing
-- column projected: Projection, at least 0, rounded to 2 places; on the newest month-end the actual one, so that the two lines meet; NULL: fewer than 6 month-ends
--     are known
CREATE VIEW analytics.dash_growth AS
WITH history AS (
    SELECT
        m.legal_entity_id,
        m.legal_entity_name,
        m.functional_ccy,
        m.month_end,
        m.months_ago,
        m.glp
    FROM analytics.dash_month AS m
    WHERE m.months_ago < 12
),

trend AS (
    SELECT
        h.legal_entity_id,
        h.legal_entity_name,
        h.functional_ccy,
        max(h.month_end) AS newest,
        max(h.glp) FILTER (WHERE h.months_ago = 0) AS glp,
        (regr_slope(h.glp, -h.months_ago) FILTER (WHERE h.months_ago < 6))::numeric AS slope,
        (regr_intercept(h.glp, -h.months_ago) FILTER (WHERE h.months_ago < 6))::numeric AS intercept,
        count(h.glp) FILTER (WHERE h.months_ago < 6) = 6 AS is_known
    FROM history AS h
    GROUP BY h.legal_entity_id, h.legal_entity_name, h.functional_ccy
)

SELECT
    h.legal_entity_id,
    h.legal_entity_name,
    h.functional_ccy,
    h.month_end,
    h.months_ago,
    h.glp AS actual,
    CASE WHEN h.months_ago = 0 AND t.is_known THEN h.glp END AS projected
FROM history AS h
INNER JOIN trend AS t ON h.legal_entity_id = t.legal_entity_id
UNION ALL
SELECT
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    (date_trunc('month', t.newest) + (g.ahead + 1) * interval '1 month' - interval '1 day')::date AS month_end,
    -g.ahead AS months_ago,
    NULL AS actual,
    greatest(round(t.intercept + t.slope * g.ahead, 2), 0) AS projected
FROM trend AS t
CROSS JOIN generate_series(1, 3) AS g (ahead)
WHERE t.is_known;
