-- owner: risk
-- tier: T2
-- grain: legal entity x rating of the borrower
-- key: legal_entity_id, rating_sort
-- refresh: quarter_hour
-- description: Borrowers with a loan on the book of a company by their rating (v_counterparty_risk_assessment), which counts their loans with all companies.
--     Materialized: rating every borrower takes longer than a dashboard should wait
-- column legal_entity_id: Company that lends
-- column rating_sort: 1 Very High Risk to 5 Minimal Risk
-- column risk_rating: The rating
-- column borrowers: Borrowers with a loan on the book of the company
-- column loans: These loans
-- column outstanding_fn: Their outstanding principal in the functional currency, unrounded; NULL: a rate is missing
CREATE MATERIALIZED VIEW analytics.mv_dash_rating AS
WITH rating AS (
    SELECT
        c.borrower_id,
        c.rating_sort,
        c.risk_rating
    FROM analytics.v_counterparty_risk_assessment AS c
),

owed AS (
    SELECT
        p.legal_entity_id,
        p.borrower_party_id,
        count(*) AS loans,
        CASE
            WHEN bool_and(p.outstanding_principal = 0 OR r.functional_rate IS NOT NULL)
                THEN coalesce(sum(p.outstanding_principal * r.functional_rate), 0)
        END AS outstanding_fn
    FROM analytics.loan_position AS p
    INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
    WHERE p.is_on_book
    GROUP BY p.legal_entity_id, p.borrower_party_id
)

SELECT
    o.legal_entity_id,
    g.rating_sort,
    g.risk_rating,
    count(*) AS borrowers,
    sum(o.loans)::bigint AS loans,
    CASE WHEN count(*) = count(o.outstanding_fn) THEN sum(o.outstanding_fn) END AS outstanding_fn
FROM owed AS o
INNER JOIN rating AS g ON o.borrower_party_id = g.borrower_id
GROUP BY o.legal_entity_id, g.rating_sort, g.risk_rating;
CREATE UNIQUE INDEX uq_mv_dash_rating ON analytics.mv_dash_rating (legal_entity_id, rating_sort);
