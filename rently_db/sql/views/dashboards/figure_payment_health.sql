-- owner: risk
-- tier: T1
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Payment health. All but the progression between the last two month-ends are at most a minute old
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate, or the weight of a bucket, is missing
CREATE VIEW analytics.figure_payment_health AS
WITH total AS (
    SELECT
        t.legal_entity_id,
        max(t.value) FILTER (WHERE t.figure = 'glp') AS glp,
        max(t.value) FILTER (WHERE t.figure = 'defaulted') AS defaulted,
        max(t.value) FILTER (WHERE t.figure = 'past_due_30') AS past_due_30
    FROM analytics.mv_entity_total AS t
    GROUP BY t.legal_entity_id
),

mix AS (
    SELECT
        m.legal_entity_id,
        m.dpd_bucket,
        m.class_sort,
        m.loans,
        m.outstanding,
        ((SELECT analytics.setting('health_score_weights')) ->> m.dpd_bucket)::numeric AS weight
    FROM analytics.dash_risk_mix AS m
),

health AS (
    SELECT
        m.legal_entity_id,
        coalesce(sum(m.loans) FILTER (WHERE m.dpd_bucket = '1-7 DPD'), 0) AS early_loans,
        coalesce(sum(m.loans) FILTER (WHERE m.class_sort >= 2), 0) AS substandard_loans,
        sum(m.loans) AS loans,
        CASE
            WHEN bool_and(m.outstanding IS NOT NULL AND (m.outstanding = 0 OR m.weight IS NOT NULL))
                THEN 100 - 100 * coalesce(sum(m.weight * m.outstanding), 0) / nullif(sum(m.outstanding), 0)
        END AS score
    FROM mix AS m
    GROUP BY m.legal_entity_id
),

month_end AS (
    SELECT
        max(d.day) AS day,
        (date_trunc('month', max(d.day)) - interval '1 day')::date AS previous_day
    FROM analytics.published_day AS d
    WHERE d.is_month_end
),

before AS (
    SELECT
        s.loan_id,
        s.legal_entity_id
    FROM analytics.loan_daily_snapshot AS s
    WHERE s.snapshot_date = (SELECT m.previous_day FROM month_end AS m) AND s.status = 'active' AND s.dpd BETWEEN 8 AND 30
),

progression AS (
    SELECT
        b.legal_entity_id,
        count(*) AS loans,
        count(*) FILTER (WHERE a.status = 'written_off' OR (a.status = 'active' AND a.dpd > 30)) AS progressed
    FROM before AS b
    LEFT JOIN analytics.loan_daily_snapshot AS a ON b.loan_id = a.loan_id AND a.snapshot_date = (SELECT m.day FROM month_end AS m)
    GROUP BY b.legal_entity_id
),

newly AS (
    SELECT
        w.legal_entity_id,
        count(*) AS loans
    FROM analytics.mv_early_warning AS w
    WHERE w.is_newly_past_due
    GROUP BY w.legal_entity_id
)

SELECT
    t.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM total AS t
LEFT JOIN health AS h ON t.legal_entity_id = h.legal_entity_id
LEFT JOIN progression AS p ON t.legal_entity_id = p.legal_entity_id
LEFT JOIN newly AS n ON t.legal_entity_id = n.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'health_score', 'Health score, of 100', 'number', h.score),
        (2, 'performing_rate', 'Performing, amount', 'percent', 100 * (t.glp - t.defaulted) / nullif(t.glp, 0)),
        (3, 'early_loans', 'Loans 1-7 days past due', 'count', coalesce(h.early_loans, 0)),
        (4, 'newly_overdue', 'Newly overdue loans', 'count', coalesce(n.loans, 0)),
        (5, 'progression_rate', '8-30 days: got worse', 'percent', 100 * p.progressed::numeric / nullif(p.loans, 0)),
        (6, 'past_due_31_share', '31+ days, amount', 'percent', 100 * t.past_due_30 / nullif(t.glp, 0)),
        (7, 'substandard_share', 'Substandard or worse, loans', 'percent', 100 * h.substandard_loans / nullif(h.loans, 0))
    ) AS f (sort, figure, label, unit, value);
