-- owner: compliance
-- tier: T2
-- grain: legal entity x loan or obligor x limit
-- key: legal_entity_id, subject_id, limit_name
-- refresh: quarter_hour
-- description: v_product_limit_breaches by company: an obligor over the limit of the group stands with each company that lends to it. Materialized: judging every loan
--     takes longer than a dashboard should wait
-- column legal_entity_id: Company that lends
-- column subject_type: loan or obligor
-- column subject_id: Loan, or obligor
-- column limit_name: Name of the limit
-- column loan_number: Number of the loan; NULL for an obligor
-- column currency_code: Currency of limit_value and actual_value where they are amounts, ISO 4217; NULL where they are none
-- column limit_value: The limit
-- column actual_value: What it is; NULL: a rate is missing
-- column breach: How far it is beyond the limit; NULL: a rate is missing
-- column is_rate_missing: Whether an exchange rate is missing
-- column limit_source: Where the limit comes from
-- column limit_valid_from: First day on which the limit holds
CREATE MATERIALIZED VIEW analytics.mv_dash_limit_breach AS
WITH breach AS MATERIALIZED (
    SELECT
        b.subject_type,
        b.subject_id,
        b.limit_name,
        b.loan_number,
        b.currency_code,
        b.limit_value,
        b.actual_value,
        b.breach,
        b.is_rate_missing,
        b.limit_source,
        b.limit_valid_from
    FROM analytics.v_product_limit_breaches AS b
),

lender AS (
    SELECT
        'loan' AS subject_type,
        s.loan_id AS subject_id,
        s.legal_entity_id
    FROM analytics.loan_state AS s
    UNION
    SELECT
        'obligor' AS subject_type,
        s.obligor_id AS subject_id,
        s.legal_entity_id
    FROM analytics.loan_state AS s
    WHERE s.status = 'active'
)

SELECT
    o.legal_entity_id,
    b.subject_type,
    b.subject_id,
    b.limit_name,
    b.loan_number,
    b.currency_code,
    b.limit_value,
    b.actual_value,
    b.breach,
    b.is_rate_missing,
    b.limit_source,
    b.limit_valid_from
FROM breach AS b
INNER JOIN lender AS o ON b.subject_type = o.subject_type AND b.subject_id = o.subject_id;
CREATE UNIQUE INDEX uq_mv_dash_limit_breach ON analytics.mv_dash_limit_breach (legal_entity_id, subject_id, limit_name);
