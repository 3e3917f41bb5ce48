-- owner: compliance
-- tier: T2
-- grain: obligor with a loan on the book
-- key: obligor_id
-- refresh: minute
-- description: What each obligor's share of the whole book is, all companies together
-- column obligor_id: Obligor: group of connected borrowers, else the borrower
-- column of_book: Its outstanding principal on the book over that of the group, both in group currency by the rates of today, as a fraction; NULL where any
--     rate is missing, or nothing is owed
CREATE VIEW analytics.obligor_share AS
WITH obligor AS (
    SELECT
        p.obligor_id,
        CASE WHEN count(*) = count(r.group_rate) THEN sum(p.outstanding_principal * r.group_rate) END AS exposure
    FROM analytics.loan_position AS p
    INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
    WHERE p.is_on_book
    GROUP BY p.obligor_id
)

SELECT
    o.obligor_id,
    o.exposure / nullif(CASE WHEN count(*) OVER () = count(o.exposure) OVER () THEN sum(o.exposure) OVER () END, 0) AS of_book
FROM obligor AS o;
