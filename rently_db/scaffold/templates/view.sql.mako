-- owner: ${owner}
-- tier: T1
-- grain: company, currency
-- key: legal_entity_id, currency_code
-- refresh: minute
-- description: Loans on the book and what is outstanding on them
-- column legal_entity_id: Company that lends
-- column currency_code: Currency of all amounts, ISO 4217
-- column loan_count: Loans on the book
-- column outstanding_principal: Principal outstanding on them, in currency_code
CREATE VIEW analytics.${name} AS
WITH loans AS (
    SELECT
        p.legal_entity_id,
        p.currency_code,
        p.outstanding_principal
    FROM analytics.loan_position AS p
    WHERE p.status = 'active'
)

SELECT
    l.legal_entity_id,
    l.currency_code,
    count(*) AS loan_count,
    sum(l.outstanding_principal) AS outstanding_principal
FROM loans AS l
GROUP BY l.legal_entity_id, l.currency_code;
