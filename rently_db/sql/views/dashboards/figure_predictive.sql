-- owner: data_science
-- tier: T3
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Predictive foundation. The score is the rule of current_risk_score, its history that of dash_score_history
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_predictive AS
WITH score AS (
    SELECT
        s.legal_entity_id,
        coalesce(sum(s.loans) FILTER (WHERE s.score = 'High'), 0) AS high_loans,
        sum(s.loans) AS loans
    FROM analytics.dash_score_now AS s
    GROUP BY s.legal_entity_id
),

loss AS (
    SELECT
        m.legal_entity_id,
        CASE WHEN bool_and(m.el = 0 OR (m.el IS NOT NULL AND r.functional_rate IS NOT NULL)) THEN sum(m.el * r.functional_rate) END AS el,
        CASE WHEN bool_and(m.ead = 0 OR r.functional_rate IS NOT NULL) THEN nullif(sum(m.ead * r.functional_rate), 0) END AS ead
    FROM analytics.mv_dash_expected_loss AS m
    INNER JOIN analytics.currency_rate AS r ON m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
    GROUP BY m.legal_entity_id
),

history AS (
    SELECT
        m.legal_entity_id,
        sum(m.observations) AS observations,
        sum(m.labelled) AS labelled,
        sum(m.defaults) AS defaults,
        sum(m.labelled) FILTER (WHERE m.score_sort <= 2) AS warned,
        sum(m.defaults) FILTER (WHERE m.score_sort <= 2) AS caught
    FROM analytics.mv_dash_score_month AS m
    GROUP BY m.legal_entity_id
),

drift AS (
    SELECT
        count(*) FILTER (WHERE d.stability = 'shifted') AS shifted,
        count(*) AS features
    FROM analytics.dash_feature_drift AS d
    WHERE d.months_ago = 0
)

SELECT
    e.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.entity_day AS e
CROSS JOIN drift AS d
LEFT JOIN score AS s ON e.legal_entity_id = s.legal_entity_id
LEFT JOIN loss AS x ON e.legal_entity_id = x.legal_entity_id
LEFT JOIN history AS h ON e.legal_entity_id = h.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'high_risk_loans', 'High-risk loans', 'count', coalesce(s.high_loans, 0)),
        (2, 'high_risk_loan_share', 'High-risk, of all loans', 'percent', 100 * s.high_loans / nullif(s.loans, 0)),
        (3, 'expected_loss', 'Expected loss, 12 months', 'money', x.el),
        (4, 'expected_loss_rate', 'Expected loss of exposure', 'percent', 100 * x.el / x.ead),
        (5, 'label_share', 'Labels observed', 'percent', 100 * h.labelled / nullif(h.observations, 0)),
        (6, 'default_rate_observed', 'Went bad within 12 months', 'percent', 100 * h.defaults / nullif(h.labelled, 0)),
        (7, 'defaults_caught', 'Defaults scored High, Medium', 'percent', 100 * coalesce(h.caught, 0) / nullif(h.defaults, 0)),
        (8, 'score_lift', 'Lift of High and Medium', 'number', h.caught * h.labelled / nullif(h.warned * h.defaults, 0)),
        (9, 'features_shifted', 'Features shifted, all books', 'count', CASE WHEN d.features > 0 THEN d.shifted END)
    ) AS f (sort, figure, label, unit, value);
