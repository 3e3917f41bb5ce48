-- owner: finance
-- tier: T1
-- grain: legal entity x product x currency x standard bucket
-- key: legal_entity_id, product_id, currency_code, dpd_bucket
-- refresh: minute
-- description: Arrears of loans on the book (status active) by the age of each instalment, so that one loan may stand in several buckets
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column currency_code: Currency of all amounts, ISO 4217
-- column dpd_bucket: Standard bucket of the days since the instalment's due date, without grace
-- column bucket_sort: Position of the bucket, from 0
-- column arrears: Unpaid amount of overdue instalments, all components
-- column loans: Loans that they belong to
-- column instalments: Overdue instalments
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_arrears_ageing AS
WITH entity AS (
    SELECT
        e.legal_entity_id,
        e.legal_entity_name,
        e.business_date,
        e.bucket_bounds,
        e.bucket_labels
    FROM analytics.entity_day AS e
),

loan AS (
    SELECT
        s.loan_id,
        s.legal_entity_id,
        s.product_id,
        s.currency_code
    FROM analytics.loan_state AS s
    WHERE s.status = 'active' AND s.overdue_since IS NOT NULL
),

instalment AS (
    SELECT
        i.loan_id,
        i.due_date,
        i.unpaid
    FROM analytics.instalment_state AS i
    WHERE i.in_force AND NOT i.is_settled AND i.due_date < (SELECT max(e.business_date) FROM entity AS e)
),

-- First by loan, so that loans need not be told apart afterwards.
aged AS (
    SELECT
        e.legal_entity_id,
        l.product_id,
        l.currency_code,
        width_bucket(e.business_date - i.due_date, e.bucket_bounds) AS bucket,
        sum(i.unpaid) AS arrears,
        count(*) AS instalments
    FROM instalment AS i
    INNER JOIN loan AS l ON i.loan_id = l.loan_id
    INNER JOIN entity AS e ON l.legal_entity_id = e.legal_entity_id AND i.due_date < e.business_date
    GROUP BY i.loan_id, e.legal_entity_id, l.product_id, l.currency_code, width_bucket(e.business_date - i.due_date, e.bucket_bounds)
),

total AS (
    SELECT
        a.legal_entity_id,
        a.product_id,
        a.currency_code,
        a.bucket,
        sum(a.arrears) AS arrears,
        count(*) AS loans,
        sum(a.instalments)::bigint AS instalments
    FROM aged AS a
    GROUP BY a.legal_entity_id, a.product_id, a.currency_code, a.bucket
)

SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    t.product_id,
    r.code AS product_code,
    r.category AS product_category,
    t.currency_code,
    e.bucket_labels[t.bucket] AS dpd_bucket,
    t.bucket - 1 AS bucket_sort,
    t.arrears,
    t.loans,
    t.instalments,
    e.business_date
FROM total AS t
INNER JOIN entity AS e ON t.legal_entity_id = e.legal_entity_id
INNER JOIN public.product AS r ON t.product_id = r.id;
