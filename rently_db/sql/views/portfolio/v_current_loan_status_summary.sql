-- owner: portfolio
-- tier: T1
-- grain: loan
-- key: loan_id
-- refresh: minute
-- personal: borrower_name, borrower_email
-- description: One row a loan with its open risk level, collections stage and legal action beside what its instalments say
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column currency_code: Currency of all amounts, ISO 4217
-- column principal_amount: Amount lent by contract
-- column loan_status: Status of the contract on the business date: active, closed, written_off, transferred
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column current_risk_level: Open status of type risk_level, set by hand; normal if none is open
-- column risk_level_since: Moment since which it holds; NULL: none is open
-- column current_collections_stage: Open status of type collections_stage; current if none is open
-- column collections_stage_since: Moment since which it holds; NULL: none is open
-- column current_legal_action: Open status of type legal_action; none if none is open
-- column legal_action_since: Moment since which it holds; NULL: none is open
-- column borrower_name: Name of the borrower
-- column borrower_email: E-mail address of the borrower; NULL: unknown
-- column legal_entity_id: Company that lends
-- column dpd: Days past due on the business date, from the oldest unsettled instalment
-- column dpd_bucket: Standard bucket of dpd
-- column bucket_sort: Position of the bucket, from 0
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding_principal: Outstanding principal
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_current_loan_status_summary AS
SELECT
    p.loan_id,
    -- Looked up row by row, and without WITH: so the planner sorts first, and who lists the first hundred looks up a hundred.
    (
        SELECT l.loan_number FROM public.loan AS l
        WHERE l.id = p.loan_id
    ) AS loan_number,
    p.currency_code,
    p.approved_principal AS principal_amount,
    p.status AS loan_status,
    r.category AS product_category,
    r.business_unit,
    coalesce(k.status_value, 'normal') AS current_risk_level,
    k.effective_from AS risk_level_since,
    coalesce(c.status_value, 'current') AS current_collections_stage,
    c.effective_from AS collections_stage_since,
    coalesce(g.status_value, 'none') AS current_legal_action,
    g.effective_from AS legal_action_since,
    (
        SELECT b.display_name FROM public.party AS b
        WHERE b.id = p.borrower_party_id
    ) AS borrower_name,
    (
        SELECT b.email FROM public.party AS b
        WHERE b.id = p.borrower_party_id
    ) AS borrower_email,
    p.legal_entity_id,
    p.dpd,
    p.dpd_bucket,
    p.bucket_sort,
    p.arrears,
    p.outstanding_principal,
    p.business_date
FROM analytics.loan_position AS p
INNER JOIN public.product AS r ON p.product_id = r.id
LEFT JOIN analytics.current_loan_status AS k ON p.loan_id = k.loan_id AND k.status_type = 'risk_level'
LEFT JOIN analytics.current_loan_status AS c ON p.loan_id = c.loan_id AND c.status_type = 'collections_stage'
LEFT JOIN analytics.current_loan_status AS g ON p.loan_id = g.loan_id AND g.status_type = 'legal_action';
