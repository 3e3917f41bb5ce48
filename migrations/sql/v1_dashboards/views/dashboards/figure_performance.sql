-- owner: product
-- tier: T2
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Performance. Applications are those submitted in the twelve months up to the business date, vintages those that reached
--     their age at a month-end of the twelve up to the newest published one
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_performance AS
WITH application AS (
    SELECT
        m.legal_entity_id,
        sum(m.submitted) AS submitted,
        sum(m.decided) AS decided,
        sum(m.approved) AS approved,
        sum(m.contracted) AS contracted,
        sum(m.paid_out) AS paid_out,
        sum(m.days_to_disburse) AS days_to_disburse
    FROM analytics.mv_dash_origination AS m
    INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
    WHERE m.cohort_month > (date_trunc('month', e.business_date::timestamp) - interval '12 months')::date
    GROUP BY m.legal_entity_id
),

newest AS (
    SELECT max(d.day) AS day FROM analytics.published_day AS d
    WHERE d.is_month_end
),

vintage AS (
    SELECT
        v.legal_entity_id,
        sum(v.originated_n) FILTER (WHERE v.mob = k.epd_months) AS early_loans,
        sum(v.ever_epd) FILTER (WHERE v.mob = k.epd_months) AS early_defaults,
        sum(v.originated_n) FILTER (WHERE v.mob = 12) AS year_loans,
        sum(v.ever90) FILTER (WHERE v.mob = 12) AS year_defaults
    FROM analytics.mv_dash_vintage AS v
    CROSS JOIN newest AS n
    CROSS JOIN (SELECT (SELECT analytics.setting_number('epd_months')) AS epd_months) AS k
    WHERE v.observed_on > (n.day + 1 - interval '12 months')::date - 1
    GROUP BY v.legal_entity_id
),

month AS (
    SELECT
        m.legal_entity_id,
        sum(m.new_loans) AS new_loans,
        CASE WHEN count(*) = count(m.originated) THEN sum(m.originated) END AS originated
    FROM analytics.dash_month AS m
    WHERE m.months_ago < 12
    GROUP BY m.legal_entity_id
),

total AS (
    SELECT
        t.legal_entity_id,
        t.value AS originated_mtd
    FROM analytics.mv_entity_total AS t
    WHERE t.figure = 'originated_mtd'
)

SELECT
    e.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.entity_day AS e
LEFT JOIN application AS a ON e.legal_entity_id = a.legal_entity_id
LEFT JOIN vintage AS v ON e.legal_entity_id = v.legal_entity_id
LEFT JOIN month AS m ON e.legal_entity_id = m.legal_entity_id
LEFT JOIN total AS t ON e.legal_entity_id = t.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'applications', 'Applications, 12 months', 'count', coalesce(a.submitted, 0)),
        (2, 'approval_rate', 'Approval rate', 'percent', 100 * a.approved / nullif(a.decided, 0)),
        (3, 'conversion_rate', 'Approved that became loans', 'percent', 100 * a.contracted / nullif(a.approved, 0)),
        (4, 'days_to_disburse', 'Decision to payout', 'days', a.days_to_disburse / nullif(a.paid_out, 0)),
        (5, 'originated_mtd', 'Originated this month', 'money', t.originated_mtd),
        (6, 'originated_12m', 'Originated, 12 months', 'money', m.originated),
        (7, 'early_default_rate', 'Early default', 'percent', 100 * v.early_defaults / nullif(v.early_loans, 0)),
        (8, 'vintage_ever90', 'Ever 90+ after 12 months', 'percent', 100 * v.year_defaults / nullif(v.year_loans, 0))
    ) AS f (sort, figure, label, unit, value);
