-- owner: risk
-- tier: T0
-- grain: loan on the book
-- key: loan_id
-- refresh: live
-- personal: borrower_name
-- description: Days past due of each loan on the book (status active) from its oldest unsettled instalment, whatever was noted in collections; exact when read
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column currency_code: Currency of all amounts, ISO 4217
-- column principal_amount: Amount lent by contract
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column borrower_name: Name of the borrower
-- column current_dpd: Days past due on the business date
-- column dpd_bucket: Standard bucket of current_dpd
-- column risk_status: Open status of type risk_level, set by hand; normal if none is open
-- column collections_status: Open status of type collections_stage; current if none is open
-- column last_collections_event: Moment of the last event of collections up to the end of the business date; NULL: none
-- column risk_category: Bucket of current_dpd in scheme risk_category: Normal 0, Watch 1-30, Substandard 31-90, Doubtful 91-180, Loss over 180
-- column bucket_sort: Position of dpd_bucket, from 0
-- column legal_entity_id: Company that lends
-- column overdue_since: Due date of the oldest overdue instalment; NULL: none
-- column days_late: Days since overdue_since, before grace and pauses
-- column overdue_instalments: Overdue instalments
-- column arrears: Unpaid amount of overdue instalments
-- column outstanding_principal: Outstanding principal
-- column max_dpd: Worst days past due so far
-- column last_collections_event_type: Kind of the last event of collections; NULL: none
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_dpd_analysis AS
SELECT
    p.loan_id,
    -- Looked up row by row, and without WITH: so the planner sorts first, and who lists the first hundred looks up a hundred.
    (
        SELECT l.loan_number FROM public.loan AS l
        WHERE l.id = p.loan_id
    ) AS loan_number,
    p.currency_code,
    p.approved_principal AS principal_amount,
    r.category AS product_category,
    r.business_unit,
    (
        SELECT b.display_name FROM public.party AS b
        WHERE b.id = p.borrower_party_id
    ) AS borrower_name,
    p.dpd AS current_dpd,
    p.dpd_bucket,
    coalesce(
        (
            SELECT s.status_value FROM analytics.current_loan_status AS s
            WHERE s.loan_id = p.loan_id AND s.status_type = 'risk_level'
        ),
        'normal'
    ) AS risk_status,
    coalesce(
        (
            SELECT s.status_value FROM analytics.current_loan_status AS s
            WHERE s.loan_id = p.loan_id AND s.status_type = 'collections_stage'
        ),
        'current'
    ) AS collections_status,
    (
        SELECT max(c.event_at AT TIME ZONE 'UTC')
        FROM public.collections_event AS c
        WHERE c.loan_id = p.loan_id AND c.event_at < e.day_ends_at
    ) AS last_collections_event,
    k.labels[width_bucket(p.dpd, k.bounds)] AS risk_category,
    p.bucket_sort,
    p.legal_entity_id,
    p.overdue_since,
    p.days_late,
    p.overdue_lines AS overdue_instalments,
    p.arrears,
    p.outstanding_principal,
    p.max_dpd,
    (
        SELECT c.event_type
        FROM public.collections_event AS c
        WHERE c.loan_id = p.loan_id AND c.event_at < e.day_ends_at
        ORDER BY c.event_at DESC, c.id DESC
        LIMIT 1
    ) AS last_collections_event_type,
    p.business_date
FROM analytics.loan_position_live AS p
LEFT JOIN analytics.entity_day AS e ON p.legal_entity_id = e.legal_entity_id
LEFT JOIN analytics.bucket_scheme AS k ON p.legal_entity_id = k.legal_entity_id AND k.scheme = 'risk_category'
LEFT JOIN public.product AS r ON p.product_id = r.id
WHERE p.is_on_book;
