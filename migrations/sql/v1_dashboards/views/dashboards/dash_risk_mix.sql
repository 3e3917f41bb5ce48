-- owner: risk
-- tier: T1
-- grain: legal entity x product category x standard bucket x risk class
-- key: legal_entity_id, product_category, dpd_bucket, risk_class
-- refresh: minute
-- description: How the loans on the book (status active) of each company spread over the buckets of days past due and the risk classes: as
--     v_payment_health_summary, amounts in the functional currency at today's rate
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column product_category: Category of the product
-- column dpd_bucket: Standard bucket of the loan's days past due
-- column bucket_sort: Position of the bucket, from 0
-- column risk_class: Bucket of the loan's days past due in scheme risk_category: Normal, Watch, Substandard, Doubtful, Loss; NULL: the scheme has no bucket
-- column class_sort: Position of the class, from 0
-- column class_label: class_sort and risk_class, so that it sorts as text: 2 Substandard
-- column loans: Loans
-- column outstanding: Outstanding principal, rounded to 2 places; NULL: a rate is missing
-- column loans_pct: loans / all of the company, in percent, rounded to 2 places
-- column outstanding_pct: outstanding / that of all of the company, in percent, rounded to 2 places; NULL: nothing is outstanding, or a rate is missing
-- column pct_of_product: outstanding / that of all of the product, in percent, not rounded: the shares of a product add up to 100
CREATE VIEW analytics.dash_risk_mix AS
WITH position AS (
    SELECT
        p.legal_entity_id,
        p.product_id,
        p.currency_code,
        p.dpd_bucket,
        p.bucket_sort,
        width_bucket(p.dpd, c.bounds) AS class,
        count(*) AS loans,
        sum(p.outstanding_principal) AS outstanding
    FROM analytics.loan_position AS p
    LEFT JOIN analytics.bucket_scheme AS c ON p.legal_entity_id = c.legal_entity_id AND c.scheme = 'risk_category'
    WHERE p.is_on_book
    GROUP BY p.legal_entity_id, p.product_id, p.currency_code, p.dpd_bucket, p.bucket_sort, width_bucket(p.dpd, c.bounds)
),

total AS (
    SELECT
        p.legal_entity_id,
        d.category AS product_category,
        p.dpd_bucket,
        p.bucket_sort,
        p.class,
        sum(p.loans)::bigint AS loans,
        CASE
            WHEN count(*) FILTER (WHERE p.outstanding <> 0 AND r.functional_rate IS NULL) = 0
                THEN coalesce(sum(p.outstanding * r.functional_rate), 0)
        END AS outstanding
    FROM position AS p
    INNER JOIN public.product AS d ON p.product_id = d.id
    INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
    GROUP BY p.legal_entity_id, d.category, p.dpd_bucket, p.bucket_sort, p.class
),

summed AS (
    SELECT
        t.legal_entity_id,
        t.product_category,
        t.dpd_bucket,
        t.bucket_sort,
        t.class,
        t.loans,
        t.outstanding,
        sum(t.loans) OVER company AS company_loans,
        CASE WHEN count(*) OVER company = count(t.outstanding) OVER company THEN sum(t.outstanding) OVER company END AS company_outstanding,
        CASE WHEN count(*) OVER product = count(t.outstanding) OVER product THEN sum(t.outstanding) OVER product END AS product_outstanding
    FROM total AS t
    WINDOW
        company AS (PARTITION BY t.legal_entity_id),
        product AS (PARTITION BY t.legal_entity_id, t.product_category)
)

SELECT
    s.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    s.product_category,
    s.dpd_bucket,
    s.bucket_sort,
    c.labels[s.class] AS risk_class,
    c.sorts[s.class] AS class_sort,
    c.sorts[s.class] || ' ' || c.labels[s.class] AS class_label,
    s.loans,
    round(s.outstanding, 2) AS outstanding,
    analytics.percentage(s.loans, s.company_loans) AS loans_pct,
    analytics.percentage(s.outstanding, s.company_outstanding) AS outstanding_pct,
    100 * s.outstanding / nullif(s.product_outstanding, 0) AS pct_of_product
FROM summed AS s
INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
LEFT JOIN analytics.bucket_scheme AS c ON s.legal_entity_id = c.legal_entity_id AND c.scheme = 'risk_category';
