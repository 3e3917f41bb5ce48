-- owner: risk
-- tier: T1
-- grain: loan on the book that became past due since the last published month-end
-- key: loan_id
-- refresh: minute
-- description: Loans on the book (status active) that are past due and were not at the last month-end that was published before today, or were not in
--     it: is_newly_past_due of v_early_warning, without names
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of its books, ISO 4217
-- column product_category: Category of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column dpd: Days past due
-- column dpd_bucket: Standard bucket of dpd
-- column bucket_sort: Position of the bucket, from 0
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding: Outstanding principal
-- column has_broken_promise: Whether a promise to pay ran out unkept lately
CREATE VIEW analytics.dash_newly_overdue AS
SELECT
    w.loan_id,
    l.loan_number,
    w.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    d.category AS product_category,
    w.currency_code,
    w.dpd,
    w.dpd_bucket,
    w.bucket_sort,
    w.arrears,
    w.outstanding_principal AS outstanding,
    w.is_broken_promise AS has_broken_promise
FROM analytics.mv_early_warning AS w
INNER JOIN analytics.entity_day AS e ON w.legal_entity_id = e.legal_entity_id
INNER JOIN public.loan AS l ON w.loan_id = l.id
INNER JOIN public.product AS d ON l.product_id = d.id
WHERE w.is_newly_past_due;
