-- owner: compliance
-- tier: T2
-- grain: legal entity x class x performing or not x currency of the loans
-- key: legal_entity_id, class, is_default, currency_code
-- refresh: quarter_hour
-- description: Loans on the book of each class with their provision (loan_provision). Materialized: classifying and providing for every loan takes longer than a
--     dashboard should wait
-- column legal_entity_id: Company that lends
-- column class: Class of the loans
-- column is_default: Whether the loans are non-performing
-- column currency_code: Currency of the amounts, ISO 4217
-- column loans: Loans on the book
-- column outstanding: Outstanding principal
-- column provision: Provision required; NULL: a loan's class has no provision rate
CREATE MATERIALIZED VIEW analytics.mv_dash_classification AS
SELECT
    v.legal_entity_id,
    v.class,
    v.is_default,
    v.currency_code,
    count(*) AS loans,
    sum(v.outstanding_principal) AS outstanding,
    CASE WHEN count(*) = count(v.provision) THEN sum(v.provision) END AS provision
FROM analytics.loan_provision AS v
WHERE v.period = 'infinity'
GROUP BY v.legal_entity_id, v.class, v.is_default, v.currency_code;
CREATE UNIQUE INDEX uq_mv_dash_classification ON analytics.mv_dash_classification (legal_entity_id, class, is_default, currency_code);
