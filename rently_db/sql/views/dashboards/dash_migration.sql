-- owner: risk
-- tier: T3
-- grain: published month-end x legal entity x direction
-- key: month_end, legal_entity_id, direction
-- refresh: daily
-- description: Where the balance on the book at one month-end stood by stage (v_stage_migration) at the next, as shares; amounts in the functional
--     currency at the rate of the later month-end. Every month has every direction
-- column month_end: Month-end of arrival
-- column months_ago: Months before the newest published month-end, which has 0
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of balance, ISO 4217
-- column direction: worse: to a higher stage, or written off; same: in the same stage; better: to a lower stage; left: closed or transferred
-- column direction_sort: worse 1, same 2, better 3, left 4
-- column loans: Loans
-- column balance: Their outstanding principal at the month-end before, rounded to 2 places; NULL: a rate is missing
-- column pct_of_loans: loans / all that were on the book at the month-end before, in percent, rounded to 2 places
-- column pct_of_balance: balance likewise; NULL: nothing was outstanding, or a rate is missing
CREATE VIEW analytics.dash_migration AS
WITH move AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        m.currency_code,
        CASE
            WHEN m.to_stage IN ('1', '2', '3')
                THEN CASE WHEN m.to_stage > m.from_stage THEN 'worse' WHEN m.to_stage = m.from_stage THEN 'same' ELSE 'better' END
            WHEN m.to_stage = 'written_off' THEN 'worse'
            ELSE 'left'
        END AS direction,
        sum(m.loans) AS loans,
        sum(m.opening_balance) AS balance
    FROM analytics.mv_stage_migration AS m
    WHERE m.from_stage IN ('1', '2', '3')
    GROUP BY m.month_end, m.legal_entity_id, m.currency_code, m.from_stage, m.to_stage
),

entity AS (
    SELECT
        e.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy
    FROM analytics.entity_day AS e
),

converted AS (
    SELECT
        c.month_end,
        c.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy,
        c.currency_code,
        f.rate
    FROM (
        SELECT DISTINCT
            m.month_end,
            m.legal_entity_id,
            m.currency_code
        FROM move AS m
    ) AS c
    INNER JOIN entity AS e ON c.legal_entity_id = e.legal_entity_id
    CROSS JOIN LATERAL analytics.fx_rate(c.currency_code, e.functional_ccy, c.month_end) AS f
),

total AS (
    SELECT
        c.month_end,
        c.legal_entity_id,
        c.legal_entity_name,
        c.functional_ccy,
        d.direction,
        d.sort,
        coalesce(sum(m.loans), 0)::bigint AS loans,
        CASE
            WHEN count(*) FILTER (WHERE m.balance <> 0 AND c.rate IS NULL) = 0 THEN coalesce(sum(m.balance * c.rate), 0)
        END AS balance
    FROM converted AS c
    CROSS JOIN (VALUES ('worse', 1), ('same', 2), ('better', 3), ('left', 4)) AS d (direction, sort)
    LEFT JOIN move AS m
        ON
            c.month_end = m.month_end AND c.legal_entity_id = m.legal_entity_id AND c.currency_code = m.currency_code
            AND d.direction = m.direction
    GROUP BY c.month_end, c.legal_entity_id, c.legal_entity_name, c.functional_ccy, d.direction, d.sort
),

newest AS (
    SELECT max(m.month_end) AS day FROM move AS m
)

SELECT
    t.month_end,
    (
        (extract(YEAR FROM n.day) - extract(YEAR FROM t.month_end)) * 12
        + extract(MONTH FROM n.day) - extract(MONTH FROM t.month_end)
    )::integer AS months_ago,
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    t.direction,
    t.sort AS direction_sort,
    t.loans,
    round(t.balance, 2) AS balance,
    analytics.percentage(t.loans, sum(t.loans) OVER w) AS pct_of_loans,
    analytics.percentage(t.balance, CASE WHEN count(*) OVER w = count(t.balance) OVER w THEN sum(t.balance) OVER w END) AS pct_of_balance
FROM total AS t
CROSS JOIN newest AS n
WINDOW w AS (PARTITION BY t.month_end, t.legal_entity_id);
