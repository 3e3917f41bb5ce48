-- owner: risk
-- tier: T3
-- grain: legal entity x product category x stage
-- key: legal_entity_id, product_category, stage
-- refresh: daily
-- description: Loss to be expected within twelve months (v_expected_loss) in the functional currency at today's rates
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column product_category: Category of the product
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column stage_name: The stage in words, in its order
-- column loans: Loans on the book
-- column signoff_loans: Loans of which a setting that is a placeholder stands in for our own history
-- column ead_fn: Exposure at default, rounded to 2 places; NULL: a rate is missing
-- column el_fn: Loss to be expected, rounded to 2 places; NULL: a rate is missing, or the loss of a loan is unknown
CREATE VIEW analytics.dash_expected_loss AS
SELECT
    m.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    m.product_category,
    m.stage,
    (ARRAY['1 performing', '2 worse', '3 non-performing'])[m.stage] AS stage_name,
    sum(m.loans)::bigint AS loans,
    sum(m.signoff_loans)::bigint AS signoff_loans,
    CASE WHEN bool_and(m.ead = 0 OR r.functional_rate IS NOT NULL) THEN round(coalesce(sum(m.ead * r.functional_rate), 0), 2) END AS ead_fn,
    CASE
        WHEN bool_and(m.el = 0 OR (m.el IS NOT NULL AND r.functional_rate IS NOT NULL))
            THEN round(coalesce(sum(m.el * r.functional_rate), 0), 2)
    END AS el_fn
FROM analytics.mv_dash_expected_loss AS m
INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
INNER JOIN analytics.currency_rate AS r ON m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
GROUP BY m.legal_entity_id, e.legal_entity_name, e.functional_ccy, m.product_category, m.stage;
