-- owner: risk
-- tier: T1
-- grain: product category x business unit x currency x standard bucket x risk category
-- key: product_category, business_unit, currency_code, dpd_bucket, risk_category
-- refresh: minute
-- description: How the loans on the book (status active) spread over the buckets of days past due, by count and by outstanding principal
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column dpd_bucket: Standard bucket of the loan's days past due
-- column risk_category: Bucket of the loan's days past due in scheme risk_category
-- column loan_count: Loans
-- column total_principal: Outstanding principal
-- column avg_dpd_in_bucket: Mean days past due, rounded to 2 places
-- column pct_of_portfolio_by_count: loan_count in percent of all loans on the book in the currency, rounded to 2 places
-- column pct_of_portfolio_by_amount: total_principal in percent of all outstanding principal in the currency, rounded to 2 places; NULL: nothing is outstanding
-- column bucket_sort: Position of dpd_bucket, from 0
-- column originated_principal: Amounts lent by contract
-- column arrears: Unpaid amount of overdue instalments
CREATE VIEW analytics.v_payment_health_summary AS
WITH position AS (
    SELECT
        p.legal_entity_id,
        p.product_id,
        p.currency_code,
        p.dpd,
        p.dpd_bucket,
        p.bucket_sort,
        p.approved_principal,
        p.outstanding_principal,
        p.arrears
    FROM analytics.loan_position AS p
    WHERE p.is_on_book
),

category AS (
    SELECT
        c.legal_entity_id,
        c.bounds,
        c.labels
    FROM analytics.bucket_scheme AS c
    WHERE c.scheme = 'risk_category'
),

total AS (
    SELECT
        r.category AS product_category,
        r.business_unit,
        p.currency_code,
        p.dpd_bucket,
        c.labels[width_bucket(p.dpd, c.bounds)] AS risk_category,
        min(p.bucket_sort) AS bucket_sort,
        count(*) AS loans,
        sum(p.outstanding_principal) AS outstanding,
        round(avg(p.dpd), 2) AS avg_dpd,
        sum(p.approved_principal) AS originated,
        sum(p.arrears) AS arrears
    FROM position AS p
    INNER JOIN public.product AS r ON p.product_id = r.id
    LEFT JOIN category AS c ON p.legal_entity_id = c.legal_entity_id
    GROUP BY r.category, r.business_unit, p.currency_code, p.dpd_bucket, c.labels[width_bucket(p.dpd, c.bounds)]
)

SELECT
    t.product_category,
    t.business_unit,
    t.currency_code,
    t.dpd_bucket,
    t.risk_category,
    t.loans AS loan_count,
    t.outstanding AS total_principal,
    t.avg_dpd AS avg_dpd_in_bucket,
    analytics.percentage(t.loans, sum(t.loans) OVER (PARTITION BY t.currency_code)) AS pct_of_portfolio_by_count,
    analytics.percentage(t.outstanding, sum(t.outstanding) OVER (PARTITION BY t.currency_code)) AS pct_of_portfolio_by_amount,
    t.bucket_sort,
    t.originated AS originated_principal,
    t.arrears
FROM total AS t;
