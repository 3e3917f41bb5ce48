-- owner: compliance
-- tier: T2
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: quarter_hour
-- description: Big figures of the dashboard Regulatory compliance
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_compliance AS
WITH total AS (
    SELECT
        t.legal_entity_id,
        max(t.value) FILTER (WHERE t.figure = 'glp') AS glp,
        max(t.value) FILTER (WHERE t.figure = 'defaulted') AS defaulted
    FROM analytics.mv_entity_total AS t
    GROUP BY t.legal_entity_id
),

class AS (
    SELECT
        c.legal_entity_id,
        CASE WHEN count(*) = count(c.outstanding_fn) THEN sum(c.outstanding_fn) END AS outstanding,
        CASE WHEN count(*) = count(c.provision_fn) THEN sum(c.provision_fn) END AS provision,
        sum(c.outstanding_fn) FILTER (WHERE c.is_default) AS defaulted,
        sum(c.outstanding_fn) FILTER (WHERE c.class = 'watch') AS watched
    FROM analytics.dash_classification AS c
    GROUP BY c.legal_entity_id
),

-- As the dashboard Collections has it: of all defaults so far.
legal AS (
    SELECT
        s.legal_entity_id,
        count(*) AS loans,
        count(g.loan_id) AS legal_loans
    FROM analytics.mv_loan_default AS d
    INNER JOIN analytics.loan_state AS s ON d.loan_id = s.loan_id
    LEFT JOIN analytics.mv_legal_action AS g ON d.loan_id = g.loan_id
    GROUP BY s.legal_entity_id
),

exception AS (
    SELECT
        x.legal_entity_id,
        count(*) FILTER (WHERE x.kind_sort = 1) AS breaches,
        count(*) FILTER (WHERE x.kind_sort = 3) AS open_items
    FROM analytics.dash_exception AS x
    GROUP BY x.legal_entity_id
)

SELECT
    t.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM total AS t
LEFT JOIN class AS c ON t.legal_entity_id = c.legal_entity_id
LEFT JOIN legal AS l ON t.legal_entity_id = l.legal_entity_id
LEFT JOIN exception AS x ON t.legal_entity_id = x.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'npl_ratio', 'NPL ratio', 'percent', 100 * t.defaulted / nullif(t.glp, 0)),
        (2, 'provisioning_ratio', 'Provisioning ratio', 'percent', 100 * c.provision / nullif(c.outstanding, 0)),
        (3, 'coverage_ratio', 'Provisions of NPL', 'percent', 100 * c.provision / nullif(c.defaulted, 0)),
        (4, 'watch_share', 'On watch', 'percent', 100 * coalesce(c.watched, 0) / nullif(c.outstanding, 0)),
        (5, 'required_provision', 'Provision required', 'money', c.provision),
        (6, 'legal_action_share', 'Defaults with legal steps', 'percent', 100 * l.legal_loans::numeric / nullif(l.loans, 0)),
        (7, 'limit_breaches', 'Limit breaches', 'count', coalesce(x.breaches, 0)),
        (8, 'open_signoffs', 'Rules without sign-off', 'count', coalesce(x.open_items, 0))
    ) AS f (sort, figure, label, unit, value);
