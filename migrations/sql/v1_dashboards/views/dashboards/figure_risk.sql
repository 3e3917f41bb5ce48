-- owner: risk
-- tier: T2
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: quarter_hour
-- description: Big figures of the dashboard Risk analytics
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_risk AS
WITH concentration AS (
    SELECT
        c.legal_entity_id,
        max(100 * c.top1_share) FILTER (WHERE c.dimension = 'product_category') AS largest_product,
        max(100 * c.top10_share) FILTER (WHERE c.dimension = 'borrower') AS top_10
    FROM analytics.mv_dash_concentration AS c
    GROUP BY c.legal_entity_id
),

book AS (
    SELECT
        m.legal_entity_id,
        e.country_code,
        m.currency_code,
        e.functional_ccy,
        sum(m.outstanding) AS outstanding,
        sum(m.outstanding) * r.functional_rate AS outstanding_fn,
        sum(m.outstanding) * r.group_rate AS outstanding_group
    FROM analytics.mv_portfolio_total AS m
    INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
    INNER JOIN analytics.currency_rate AS r ON m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
    WHERE m.status = 'active'
    GROUP BY m.legal_entity_id, e.country_code, m.currency_code, e.functional_ccy, r.functional_rate, r.group_rate
    HAVING sum(m.outstanding) > 0
),

-- Of the group: the book of one company lies in its country.
country AS (
    SELECT CASE WHEN bool_and(c.is_known) THEN 100 * max(c.outstanding) / sum(c.outstanding) END AS largest_country
    FROM (
        SELECT
            b.country_code,
            sum(b.outstanding_group) AS outstanding,
            count(*) = count(b.outstanding_group) AS is_known
        FROM book AS b
        GROUP BY b.country_code
    ) AS c
),

currency AS (
    SELECT
        b.legal_entity_id,
        CASE
            WHEN count(*) = count(b.outstanding_fn)
                THEN 100 * coalesce(max(b.outstanding_fn) FILTER (WHERE b.currency_code <> b.functional_ccy), 0) / sum(b.outstanding_fn)
        END AS largest_foreign
    FROM book AS b
    GROUP BY b.legal_entity_id
),

rating AS (
    SELECT
        m.legal_entity_id,
        coalesce(sum(m.borrowers) FILTER (WHERE m.rating_sort <= 2), 0) AS high_risk,
        CASE
            WHEN count(*) = count(m.outstanding_fn) THEN sum(m.outstanding_fn * (6 - m.rating_sort)) / nullif(sum(m.outstanding_fn), 0)
        END AS score
    FROM analytics.mv_dash_rating AS m
    GROUP BY m.legal_entity_id
),

par AS (
    SELECT
        p.legal_entity_id,
        CASE WHEN bool_and(p.glp = 0 OR r.functional_rate IS NOT NULL) THEN nullif(sum(p.glp * r.functional_rate), 0) END AS glp,
        sum(p.par30_amount * r.functional_rate) AS par30,
        sum(p.par60_amount * r.functional_rate) AS par60,
        sum(p.par90_amount * r.functional_rate) AS par90
    FROM analytics.v_portfolio_at_risk AS p
    INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
    GROUP BY p.legal_entity_id
)

SELECT
    e.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.entity_day AS e
CROSS JOIN country AS y
LEFT JOIN concentration AS c ON e.legal_entity_id = c.legal_entity_id
LEFT JOIN currency AS x ON e.legal_entity_id = x.legal_entity_id
LEFT JOIN rating AS g ON e.legal_entity_id = g.legal_entity_id
LEFT JOIN par AS p ON e.legal_entity_id = p.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'largest_product_share', 'Largest product', 'percent', c.largest_product),
        (2, 'top_10_borrowers_share', 'Ten largest borrowers', 'percent', c.top_10),
        (3, 'largest_country_share', 'Largest country, group', 'percent', y.largest_country),
        (4, 'fx_exposure', 'Largest foreign currency', 'percent', x.largest_foreign),
        (5, 'high_risk_borrowers', 'High-risk borrowers', 'count', coalesce(g.high_risk, 0)),
        (6, 'risk_score', 'Risk score, 1 best 5 worst', 'number', g.score),
        (7, 'past_due_31_share', 'PAR30', 'percent', 100 * p.par30 / p.glp),
        (8, 'par60', 'PAR60', 'percent', 100 * p.par60 / p.glp),
        (9, 'par90', 'PAR90', 'percent', 100 * p.par90 / p.glp)
    ) AS f (sort, figure, label, unit, value);
