-- owner: data_science
-- tier: T3
-- grain: legal entity x product category x score
-- key: legal_entity_id, product_category, sort
-- refresh: daily
-- description: Loans on the book by current_risk_score (mv_ml_features_cache): distribution of the score
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of outstanding_fn, ISO 4217
-- column product_category: Category of the product
-- column sort: 1 High to 4 Minimal
-- column score: current_risk_score
-- column loans: Loans on the book
-- column outstanding_fn: Their outstanding principal in the functional currency at today's rates, rounded to 2 places; NULL: a rate is missing
CREATE VIEW analytics.dash_score_now AS
WITH total AS (
    SELECT
        m.legal_entity_id,
        m.product_category,
        m.current_risk_score,
        m.currency_code,
        count(*) AS loans,
        sum(m.outstanding_principal) AS outstanding
    FROM analytics.mv_ml_features_cache AS m
    WHERE m.status = 'active'
    GROUP BY m.legal_entity_id, m.product_category, m.current_risk_score, m.currency_code
)

SELECT
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.product_category,
    array_position(ARRAY['High', 'Medium', 'Low', 'Minimal'], t.current_risk_score) AS sort,
    t.current_risk_score AS score,
    sum(t.loans)::bigint AS loans,
    CASE
        WHEN bool_and(t.outstanding = 0 OR r.functional_rate IS NOT NULL)
            THEN round(coalesce(sum(t.outstanding * r.functional_rate), 0), 2)
    END AS outstanding_fn
FROM total AS t
INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id
INNER JOIN analytics.currency_rate AS r ON t.legal_entity_id = r.legal_entity_id AND t.currency_code = r.currency_code
GROUP BY t.legal_entity_id, e.legal_entity_name, e.functional_ccy, t.product_category, t.current_risk_score;
