-- owner: risk
-- tier: T3
-- grain: legal entity x product category x currency x stage
-- key: legal_entity_id, product_category, currency_code, stage
-- refresh: daily
-- description: Sums of v_expected_loss. Materialized: exposure and provision of every loan take longer than a dashboard should wait
-- column legal_entity_id: Company that lends
-- column product_category: Category of the product
-- column currency_code: Currency of ead and el, ISO 4217
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column loans: Loans on the book
-- column ead: Exposure at default
-- column el: Loss to be expected within twelve months; NULL: that of a loan is unknown
-- column signoff_loans: Loans of which a setting that is a placeholder stands in for our own history
CREATE MATERIALIZED VIEW analytics.mv_dash_expected_loss AS
SELECT
    x.legal_entity_id,
    x.product_category,
    x.currency_code,
    x.stage,
    count(*) AS loans,
    sum(x.ead) AS ead,
    CASE WHEN count(*) = count(x.el) THEN sum(x.el) END AS el,
    count(*) FILTER (WHERE x.needs_signoff) AS signoff_loans
FROM analytics.v_expected_loss AS x
GROUP BY x.legal_entity_id, x.product_category, x.currency_code, x.stage;
CREATE UNIQUE INDEX uq_mv_dash_expected_loss ON analytics.mv_dash_expected_loss (legal_entity_id, product_category, currency_code, stage);
