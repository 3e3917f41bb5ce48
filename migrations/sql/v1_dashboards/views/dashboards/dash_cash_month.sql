-- owner: finance
-- tier: T3
-- grain: published month-end whose month before is published x legal entity
-- key: month_end, legal_entity_id
-- refresh: daily
-- description: Cash that came in and went out in each month, by what the two month-ends say of all loans, amounts in the functional currency at the
--     rate of the month-end
-- column month_end: Last day of the month
-- column months_ago: Months before the newest published month-end, which has 0
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column collected: Money received in the month, all components, as collections of dash_month; NULL: a rate is missing
-- column disbursed: Completed disbursements of the month; NULL likewise
-- column refunded: Principal given back in the month; NULL likewise
-- column net_flow: collected - disbursed - refunded; NULL likewise
CREATE VIEW analytics.dash_cash_month AS
WITH month_end AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.currency_code,
        sum(m.received) AS received,
        sum(m.disbursed) AS disbursed,
        sum(m.refunded) AS refunded
    FROM analytics.mv_portfolio_month_end AS m
    GROUP BY m.month_end, m.legal_entity_id, m.currency_code
),

published AS (
    SELECT
        d.day,
        (date_trunc('month', d.day) - interval '1 day')::date AS previous_day,
        max(d.day) OVER () AS newest_day
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

entity AS (
    SELECT
        e.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy
    FROM analytics.entity_day AS e
),

flow AS (
    SELECT
        m.month_end,
        p.newest_day,
        m.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy,
        m.received - coalesce(b.received, 0) AS received,
        m.disbursed - coalesce(b.disbursed, 0) AS disbursed,
        m.refunded - coalesce(b.refunded, 0) AS refunded,
        f.rate
    FROM month_end AS m
    INNER JOIN published AS p ON m.month_end = p.day
    INNER JOIN published AS q ON p.previous_day = q.day
    INNER JOIN entity AS e ON m.legal_entity_id = e.legal_entity_id
    CROSS JOIN LATERAL analytics.fx_rate(m.currency_code, e.functional_ccy, m.month_end) AS f
    LEFT JOIN month_end AS b
        ON p.previous_day = b.month_end AND m.legal_entity_id = b.legal_entity_id AND m.currency_code = b.currency_code
),

total AS (
    SELECT
        f.month_end,
        f.newest_day,
        f.legal_entity_id,
        f.legal_entity_name,
        f.functional_ccy,
        CASE WHEN count(*) = count(f.rate) THEN sum(f.received * f.rate) END AS collected,
        CASE WHEN count(*) = count(f.rate) THEN sum(f.disbursed * f.rate) END AS disbursed,
        CASE WHEN count(*) = count(f.rate) THEN sum(f.refunded * f.rate) END AS refunded
    FROM flow AS f
    GROUP BY f.month_end, f.newest_day, f.legal_entity_id, f.legal_entity_name, f.functional_ccy
)

SELECT
    t.month_end,
    (
        (extract(YEAR FROM t.newest_day) - extract(YEAR FROM t.month_end)) * 12
        + extract(MONTH FROM t.newest_day) - extract(MONTH FROM t.month_end)
    )::integer AS months_ago,
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    round(t.collected, 2) AS collected,
    round(t.disbursed, 2) AS disbursed,
    round(t.refunded, 2) AS refunded,
    round(t.collected - t.disbursed - t.refunded, 2) AS net_flow
FROM total AS t;
