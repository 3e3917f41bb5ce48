-- owner: risk
-- tier: T2
-- grain: legal entity x dimension
-- key: legal_entity_id, dimension
-- refresh: quarter_hour
-- description: The shares of v_concentration_index. Materialized: grouping the book along six dimensions takes longer than a dashboard should wait, three times over
-- column legal_entity_id: Company that lends
-- column dimension: product_category, business_unit, country, currency, borrower or agent
-- column members: Values of the dimension with exposure above 0
-- column loan_count: Loans on the book that owe principal; of agent only those that an agent brought
-- column exposure: Their outstanding principal in the functional currency; NULL, with all figures below: a rate is missing
-- column top1_share: Share of exposure of the largest member, a fraction
-- column top5_share: Share of the 5 largest
-- column top10_share: Share of the 10 largest
-- column top20_share: Share of the 20 largest
-- column hhi: Sum of squared shares, from 1/n to 1
-- column effective_n: 1 / hhi
CREATE MATERIALIZED VIEW analytics.mv_dash_concentration AS
SELECT
    c.legal_entity_id,
    c.dimension,
    c.members,
    c.loan_count,
    c.exposure,
    c.top1_share,
    c.top5_share,
    c.top10_share,
    c.top20_share,
    c.hhi,
    c.effective_n
FROM analytics.v_concentration_index AS c;
CREATE UNIQUE INDEX uq_mv_dash_concentration ON analytics.mv_dash_concentration (legal_entity_id, dimension);
