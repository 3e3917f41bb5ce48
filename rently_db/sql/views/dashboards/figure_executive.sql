-- owner: finance
-- tier: T1
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Executive summary, amounts in the functional currency of the company. Loss rate and growth are as old as the newest
--     month-end, the others a minute
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_executive AS
WITH total AS (
    SELECT
        t.legal_entity_id,
        max(t.value) FILTER (WHERE t.figure = 'active_loans') AS active_loans,
        max(t.value) FILTER (WHERE t.figure = 'glp') AS glp,
        max(t.value) FILTER (WHERE t.figure = 'originated_mtd') AS originated_mtd,
        max(t.value) FILTER (WHERE t.figure = 'default_loans') AS default_loans,
        max(t.value) FILTER (WHERE t.figure = 'defaulted') AS defaulted,
        max(t.value) FILTER (WHERE t.figure = 'past_due_30') AS past_due_30,
        max(t.value) FILTER (WHERE t.figure = 'due_mtd') AS due_mtd,
        max(t.value) FILTER (WHERE t.figure = 'due_paid_mtd') AS due_paid_mtd
    FROM analytics.mv_entity_total AS t
    GROUP BY t.legal_entity_id
),

month AS (
    SELECT
        m.legal_entity_id,
        max(m.glp) FILTER (WHERE m.months_ago = 0) AS glp,
        max(m.glp) FILTER (WHERE m.months_ago = 1) AS glp_before,
        -- A year: with a month missing it would look better than it is.
        CASE WHEN count(m.losses) = 12 AND count(m.glp) = 12 THEN sum(m.losses) END AS losses,
        avg(m.glp) AS average_glp
    FROM analytics.dash_month AS m
    WHERE m.months_ago < 12
    GROUP BY m.legal_entity_id
)

SELECT
    t.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM total AS t
LEFT JOIN month AS m ON t.legal_entity_id = m.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'active_value', 'Portfolio value', 'money', t.glp),
        (2, 'active_loans', 'Active loans', 'count', t.active_loans),
        (3, 'originated_mtd', 'Originated this month', 'money', t.originated_mtd),
        (4, 'growth_rate', 'Growth, last month', 'percent', 100 * (m.glp - m.glp_before) / nullif(m.glp_before, 0)),
        (5, 'default_rate', 'Default rate, loans', 'percent', 100 * t.default_loans / nullif(t.active_loans, 0)),
        (6, 'npl_ratio', 'NPL ratio', 'percent', 100 * t.defaulted / nullif(t.glp, 0)),
        (7, 'past_due_31_share', 'PAR30', 'percent', 100 * t.past_due_30 / nullif(t.glp, 0)),
        (8, 'collection_efficiency', 'Collection efficiency', 'percent', 100 * t.due_paid_mtd / nullif(t.due_mtd, 0)),
        (9, 'loss_rate', 'Loss rate, 12 months', 'percent', 100 * m.losses / nullif(m.average_glp, 0))
    ) AS f (sort, figure, label, unit, value);
