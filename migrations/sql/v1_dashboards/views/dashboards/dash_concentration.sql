-- owner: risk
-- tier: T2
-- grain: legal entity x dimension
-- key: legal_entity_id, dimension
-- refresh: quarter_hour
-- description: v_concentration_index in percent and in words, for tables
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of exposure, ISO 4217
-- column sort: Place of the dimension
-- column dimension: product, business unit, country, currency, borrower or agent
-- column members: Values of the dimension with exposure above 0
-- column loans: Loans on the book that owe principal; of agent only those that an agent brought
-- column exposure: Their outstanding principal; NULL, with all figures below: a rate is missing
-- column largest_pct: Share of exposure of the largest member, in percent, 2 places
-- column top_5_pct: Share of the 5 largest
-- column top_10_pct: Share of the 10 largest
-- column top_20_pct: Share of the 20 largest
-- column hhi: Herfindahl-Hirschman index, from 1/members to 1, 4 places
-- column effective_n: 1 / hhi: as many members of equal size would be as concentrated
CREATE VIEW analytics.dash_concentration AS
SELECT
    m.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    d.sort,
    d.label AS dimension,
    m.members,
    m.loan_count AS loans,
    m.exposure,
    round(100 * m.top1_share, 2) AS largest_pct,
    round(100 * m.top5_share, 2) AS top_5_pct,
    round(100 * m.top10_share, 2) AS top_10_pct,
    round(100 * m.top20_share, 2) AS top_20_pct,
    round(m.hhi, 4) AS hhi,
    m.effective_n
FROM analytics.mv_dash_concentration AS m
INNER JOIN
    (
        VALUES
        ('product_category', 1, 'product'), ('business_unit', 2, 'business unit'), ('country', 3, 'country'), ('currency', 4, 'currency'),
        ('borrower', 5, 'borrower'), ('agent', 6, 'agent')
    ) AS d (dimension, sort, label)
    ON m.dimension = d.dimension
INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id;
