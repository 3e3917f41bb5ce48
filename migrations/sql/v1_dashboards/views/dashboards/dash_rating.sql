-- owner: risk
-- tier: T2
-- grain: legal entity x rating of the borrower
-- key: legal_entity_id, sort
-- refresh: quarter_hour
-- description: Borrowers and what they owe by their rating (v_counterparty_risk_assessment); every company has every rating
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of outstanding_fn, ISO 4217
-- column sort: 1 Very High Risk to 5 Minimal Risk
-- column rating: The rating
-- column borrowers: Borrowers with a loan on the book of the company
-- column loans: These loans
-- column outstanding_fn: Their outstanding principal in the functional currency, rounded to 2 places; NULL: a rate is missing
CREATE VIEW analytics.dash_rating AS
SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    g.sort,
    g.rating,
    coalesce(m.borrowers, 0) AS borrowers,
    coalesce(m.loans, 0) AS loans,
    CASE WHEN m.legal_entity_id IS NULL THEN 0 ELSE round(m.outstanding_fn, 2) END AS outstanding_fn
FROM analytics.entity_day AS e
CROSS JOIN (VALUES (1, 'Very High Risk'), (2, 'High Risk'), (3, 'Medium Risk'), (4, 'Low Risk'), (5, 'Minimal Risk')) AS g (sort, rating)
LEFT JOIN analytics.mv_dash_rating AS m ON e.legal_entity_id = m.legal_entity_id AND g.sort = m.rating_sort;
