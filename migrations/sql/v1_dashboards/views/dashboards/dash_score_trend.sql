-- owner: data_science
-- tier: T3
-- grain: legal entity x published month-end x score
-- key: legal_entity_id, month_end, sort
-- refresh: daily
-- description: Performing loans by score month-end by month-end, with what became of them: whether the score keeps its order
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column month_end: The month-end
-- column months_ago: Months before the newest published one
-- column sort: 1 High to 4 Minimal
-- column score: The score at month_end
-- column loans: Performing loans
-- column share_pct: loans / all performing loans of the month-end in percent, rounded to 2 places
-- column labelled: Those of which the twelve months after are over
-- column defaults: Those that went bad in these
-- column default_rate_pct: defaults / labelled in percent, rounded to 2 places; NULL: none is labelled
CREATE VIEW analytics.dash_score_trend AS
WITH newest AS (
    SELECT max(d.day) AS day FROM analytics.published_day AS d
    WHERE d.is_month_end
),

band AS (
    SELECT
        m.legal_entity_id,
        m.month_end,
        m.score_sort,
        m.score,
        sum(m.observations) AS observations,
        sum(m.labelled) AS labelled,
        sum(m.defaults) AS defaults
    FROM analytics.mv_dash_score_month AS m
    GROUP BY m.legal_entity_id, m.month_end, m.score_sort, m.score
)

SELECT
    b.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    b.month_end,
    (
        12 * (extract(YEAR FROM n.day) - extract(YEAR FROM b.month_end)) + extract(MONTH FROM n.day) - extract(MONTH FROM b.month_end)
    )::integer AS months_ago,
    b.score_sort AS sort,
    b.score,
    b.observations::bigint AS loans,
    analytics.percentage(b.observations, sum(b.observations) OVER (PARTITION BY b.legal_entity_id, b.month_end)) AS share_pct,
    b.labelled::bigint AS labelled,
    b.defaults::bigint AS defaults,
    analytics.percentage(b.defaults, b.labelled) AS default_rate_pct
FROM band AS b
CROSS JOIN newest AS n
INNER JOIN analytics.entity_day AS e ON b.legal_entity_id = e.legal_entity_id;
