-- owner: risk
-- tier: T2
-- grain: loan on the book that is past due
-- key: loan_id
-- refresh: minute
-- description: The loans behind portfolio at risk, without names: to drill through to
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of outstanding_fn, ISO 4217
-- column loan_id: Loan
-- column loan_number: Its number
-- column product_category: Category of the product
-- column currency_code: Currency of the loan, ISO 4217
-- column first_disbursed_on: Day of the first completed disbursement; NULL: none
-- column months_on_book: Calendar months from that to the business date
-- column outstanding: Outstanding principal in currency_code
-- column arrears: Overdue unpaid amount in currency_code
-- column outstanding_fn: Outstanding principal in the functional currency, rounded to 2 places; NULL: the rate is missing
-- column dpd: Days past due
-- column bucket_sort: Position of dpd_bucket
-- column dpd_bucket: Standard bucket
-- column dpd_class: Class by days past due alone
CREATE VIEW analytics.dash_overdue_loan AS
SELECT
    p.legal_entity_id,
    p.legal_entity_name,
    p.functional_ccy,
    p.loan_id,
    l.loan_number,
    d.category AS product_category,
    p.currency_code,
    p.first_disbursed_on,
    (
        12 * (extract(YEAR FROM p.business_date) - extract(YEAR FROM p.first_disbursed_on))
        + extract(MONTH FROM p.business_date) - extract(MONTH FROM p.first_disbursed_on)
    )::integer AS months_on_book,
    p.outstanding_principal AS outstanding,
    p.arrears,
    round(p.outstanding_principal * r.functional_rate, 2) AS outstanding_fn,
    p.dpd,
    p.bucket_sort,
    p.dpd_bucket,
    p.dpd_class
FROM analytics.loan_position AS p
INNER JOIN public.loan AS l ON p.loan_id = l.id
INNER JOIN public.product AS d ON p.product_id = d.id
INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
WHERE p.is_on_book AND p.dpd > 0;
