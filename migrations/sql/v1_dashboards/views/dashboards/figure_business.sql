-- owner: product
-- tier: T2
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Business intelligence, amounts in the functional currency of the company. Income, yield and result are those of the last
--     12 published months
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_business AS
WITH product AS (
    SELECT
        p.legal_entity_id,
        CASE WHEN count(*) = count(p.income) THEN sum(p.income) END AS income,
        CASE WHEN count(*) = count(p.net) THEN sum(p.net) END AS net,
        CASE WHEN count(*) = count(p.income) THEN sum(p.earned) END AS earned,
        sum(p.glp_months) AS glp_months
    FROM analytics.dash_product_matrix AS p
    GROUP BY p.legal_entity_id
),

customer AS (
    SELECT
        s.legal_entity_id,
        sum(s.customers) AS customers,
        sum(s.repeat_customers) AS repeat_customers,
        CASE WHEN count(*) = count(s.lifetime_income) THEN sum(s.lifetime_income) END AS lifetime_income
    FROM analytics.dash_segment AS s
    GROUP BY s.legal_entity_id
),

lease AS (
    SELECT
        r.legal_entity_id,
        sum(r.renewed) AS renewed,
        sum(r.ending - r.pending) AS decided
    FROM analytics.dash_renewal_month AS r
    WHERE r.months_ago BETWEEN 0 AND 11
    GROUP BY r.legal_entity_id
)

SELECT
    e.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.entity_day AS e
LEFT JOIN product AS p ON e.legal_entity_id = p.legal_entity_id
LEFT JOIN customer AS c ON e.legal_entity_id = c.legal_entity_id
LEFT JOIN lease AS l ON e.legal_entity_id = l.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'income_year', 'Income, 12 months', 'money', p.income),
        (2, 'yield_year', 'Yield on the book, 12 months', 'percent', 100 * 12 * p.earned / nullif(p.glp_months, 0)),
        (3, 'net_year', 'Net result, 12 months', 'money', p.net),
        (4, 'customers', 'Customers so far', 'count', coalesce(c.customers, 0)),
        (5, 'repeat_rate', 'Repeat customers', 'percent', 100 * c.repeat_customers / nullif(c.customers, 0)),
        (6, 'lifetime_value', 'Income per customer so far', 'money', c.lifetime_income / nullif(c.customers, 0)),
        (7, 'renewal_rate', 'Leases renewed, 12 months', 'percent', 100 * l.renewed / nullif(l.decided, 0))
    ) AS f (sort, figure, label, unit, value);
