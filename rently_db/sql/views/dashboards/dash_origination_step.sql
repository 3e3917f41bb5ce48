-- owner: product
-- tier: T2
-- grain: legal entity x product category x step
-- key: legal_entity_id, product_category, sort
-- refresh: quarter_hour
-- description: How many applications of the twelve months up to the business date got how far (v_origination_funnel): for a funnel
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column product_category: Category of the product
-- column sort: Place of the step
-- column step: 1 submitted, 2 decided, 3 approved, 4 contracted or 5 disbursed
-- column applications: Applications that got so far
CREATE VIEW analytics.dash_origination_step AS
WITH total AS (
    SELECT
        m.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy,
        p.category,
        sum(m.submitted) AS submitted,
        sum(m.decided) AS decided,
        sum(m.approved) AS approved,
        sum(m.contracted) AS contracted,
        sum(m.disbursed) AS disbursed
    FROM analytics.mv_dash_origination AS m
    INNER JOIN public.product AS p ON m.product_id = p.id
    INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
    WHERE m.cohort_month > (date_trunc('month', e.business_date::timestamp) - interval '12 months')::date
    GROUP BY m.legal_entity_id, e.legal_entity_name, e.functional_ccy, p.category
)

SELECT
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    t.category AS product_category,
    s.sort,
    s.step,
    s.applications::bigint AS applications
FROM total AS t
CROSS JOIN
    LATERAL (
        VALUES
        (1, '1 submitted', t.submitted), (2, '2 decided', t.decided), (3, '3 approved', t.approved), (4, '4 contracted', t.contracted),
        (5, '5 disbursed', t.disbursed)
    ) AS s (sort, step, applications);
