-- owner: risk
-- tier: T2
-- grain: legal entity x dimension
-- key: legal_entity_id, dimension
-- refresh: minute
-- description: How concentrated each company's book is, in figures that do not depend on its size
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books
-- column dimension: product_category, business_unit, country, currency (of the loan), borrower (the obligor, by id) or agent (by id); agent covers only
--     loans that an agent brought
-- column members: Values of the dimension with exposure above 0, n
-- column loan_count: Loans on the book that owe principal
-- column exposure: Their outstanding principal in functional_ccy at today's rates, 2 places; NULL, with all figures below: a rate is missing
-- column top1_share: Share of exposure of the largest member, a fraction, 6 places
-- column top5_share: Share of the 5 largest
-- column top10_share: Share of the 10 largest
-- column top20_share: Share of the 20 largest
-- column hhi: Herfindahl-Hirschman index: sum of squared shares, from 1/n to 1, 10 places
-- column effective_n: 1 / hhi, unrounded before, 2 places: as many members of equal size would be as concentrated
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_concentration_index AS
WITH ranked AS (
    SELECT
        d.legal_entity_id,
        d.dimension,
        d.loan_count,
        d.exposure_fn,
        row_number() OVER (PARTITION BY d.legal_entity_id, d.dimension ORDER BY d.exposure_fn DESC NULLS FIRST) AS place
    FROM analytics.exposure_by_dimension AS d
),

total AS (
    SELECT
        r.legal_entity_id,
        r.dimension,
        count(*) AS members,
        sum(r.loan_count)::bigint AS loan_count,
        count(*) = count(r.exposure_fn) AS is_known,
        sum(r.exposure_fn) AS exposure,
        sum(r.exposure_fn) FILTER (WHERE r.place <= 1) AS top1,
        sum(r.exposure_fn) FILTER (WHERE r.place <= 5) AS top5,
        sum(r.exposure_fn) FILTER (WHERE r.place <= 10) AS top10,
        sum(r.exposure_fn) FILTER (WHERE r.place <= 20) AS top20,
        sum(r.exposure_fn * r.exposure_fn) AS squares
    FROM ranked AS r
    GROUP BY r.legal_entity_id, r.dimension
)

SELECT
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.dimension,
    t.members,
    t.loan_count,
    CASE WHEN t.is_known THEN round(t.exposure, 2) END AS exposure,
    CASE WHEN t.is_known THEN round(t.top1 / t.exposure, 6) END AS top1_share,
    CASE WHEN t.is_known THEN round(t.top5 / t.exposure, 6) END AS top5_share,
    CASE WHEN t.is_known THEN round(t.top10 / t.exposure, 6) END AS top10_share,
    CASE WHEN t.is_known THEN round(t.top20 / t.exposure, 6) END AS top20_share,
    CASE WHEN t.is_known THEN round(t.squares / (t.exposure * t.exposure), 10) END AS hhi,
    CASE WHEN t.is_known THEN round(t.exposure * t.exposure / t.squares, 2) END AS effective_n,
    e.business_date
FROM total AS t
INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id;
