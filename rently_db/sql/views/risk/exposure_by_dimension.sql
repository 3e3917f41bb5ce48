-- owner: risk
-- tier: T2
-- grain: legal entity x dimension x value
-- key: legal_entity_id, dimension, value
-- refresh: minute
-- description: Exposure in the company's currency along each dimension that concentration is measured in
-- column legal_entity_id: Company that lends
-- column functional_ccy: Currency of its books
-- column dimension: product_category, business_unit, country (of the company), currency, borrower (the obligor) or agent
-- column value: Value of the dimension; of borrower the obligor's id, of agent the party's id
-- column loan_count: Loans on the book that owe principal; of agent only those that an agent brought
-- column exposure_fn: Their outstanding principal in functional_ccy, unrounded; NULL: a rate is missing
-- column known_fn: Their outstanding principal in functional_ccy as far as rates are known, unrounded
CREATE VIEW analytics.exposure_by_dimension AS
WITH exposure AS MATERIALIZED (
    SELECT
        x.legal_entity_id,
        x.functional_ccy,
        x.exposure_fn,
        p.category AS product_category,
        p.business_unit,
        x.country_code::text AS country,
        x.currency_code::text AS currency,
        x.obligor_id,
        a.agent_party_id
    FROM analytics.loan_exposure AS x
    INNER JOIN public.product AS p ON x.product_id = p.id
    LEFT JOIN analytics.loan_agent AS a ON x.loan_id = a.loan_id
),

-- One set of rows per dimension, made by the grouping and not by six passes over the book.
grouped AS (
    SELECT
        x.legal_entity_id,
        x.functional_ccy,
        x.product_category,
        x.business_unit,
        x.country,
        x.currency,
        x.obligor_id,
        x.agent_party_id,
        grouping(x.product_category, x.business_unit, x.country, x.currency, x.obligor_id, x.agent_party_id) AS missing,
        count(*) AS loan_count,
        CASE WHEN count(*) = count(x.exposure_fn) THEN sum(x.exposure_fn) END AS exposure_fn,
        coalesce(sum(x.exposure_fn), 0) AS known_fn
    FROM exposure AS x
    GROUP BY
        x.legal_entity_id,
        x.functional_ccy,
        GROUPING SETS ((x.product_category), (x.business_unit), (x.country), (x.currency), (x.obligor_id), (x.agent_party_id))
)

SELECT
    g.legal_entity_id,
    g.functional_ccy,
    CASE g.missing
        WHEN 31 THEN 'product_category'
        WHEN 47 THEN 'business_unit'
        WHEN 55 THEN 'country'
        WHEN 59 THEN 'currency'
        WHEN 61 THEN 'borrower'
        ELSE 'agent'
    END AS dimension,
    coalesce(g.product_category, g.business_unit, g.country, g.currency, g.obligor_id::text, g.agent_party_id::text) AS value,
    g.loan_count,
    g.exposure_fn,
    g.known_fn
FROM grouped AS g
WHERE g.missing <> 62 OR g.agent_party_id IS NOT NULL;
