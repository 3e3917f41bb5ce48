-- owner: finance
-- tier: T1
-- grain: active loan that is not fully paid out
-- key: loan_id
-- refresh: minute
-- description: What is approved and still to pay out, loan by loan
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column product_id: Product
-- column product_category: Category of the product
-- column currency_code: Currency of all amounts, ISO 4217
-- column approved: Amount lent by contract
-- column disbursed: Completed disbursements so far
-- column transferred_in: Principal taken over from other loans so far: it needs no payment
-- column undisbursed: approved - disbursed - transferred_in; loans on the book where it is above 0 are listed
-- column in_progress: Disbursements with status pending or processing; NULL: none
-- column approved_on: Local date, at the legal entity, of the latest decision on the application if that approved it, else start_date
-- column start_date: First day of the contract
-- column age_days: Days from approved_on to business_date, 0 if it lies ahead
-- column business_date: Business date of the legal entity, for which the figures hold
CREATE VIEW analytics.v_disbursement_pipeline AS
WITH waiting AS (
    SELECT
        p.loan_id,
        p.legal_entity_id,
        p.legal_entity_name,
        p.product_id,
        p.currency_code,
        p.approved_principal,
        p.disbursed_principal,
        p.transferred_in,
        p.business_date
    FROM analytics.loan_position AS p
    WHERE p.is_on_book AND p.approved_principal > p.disbursed_principal + p.transferred_in
)

SELECT
    w.loan_id,
    l.loan_number,
    w.legal_entity_id,
    w.legal_entity_name,
    w.product_id,
    r.category AS product_category,
    w.currency_code,
    w.approved_principal AS approved,
    w.disbursed_principal AS disbursed,
    w.transferred_in,
    w.approved_principal - w.disbursed_principal - w.transferred_in AS undisbursed,
    d.in_progress,
    coalesce(a.approved_on, l.start_date) AS approved_on,
    l.start_date,
    greatest(w.business_date - coalesce(a.approved_on, l.start_date), 0) AS age_days,
    w.business_date
FROM waiting AS w
INNER JOIN public.loan AS l ON w.loan_id = l.id
INNER JOIN public.product AS r ON w.product_id = r.id
INNER JOIN analytics.entity_day AS e ON w.legal_entity_id = e.legal_entity_id
LEFT JOIN LATERAL (
    SELECT (k.decided_at AT TIME ZONE e.time_zone)::date AS approved_on
    FROM (
        SELECT
            x.decided_at,
            x.outcome
        FROM public.decision AS x
        WHERE
            x.application_id = l.application_id
            AND (x.decided_at IS NULL OR (x.decided_at AT TIME ZONE e.time_zone)::date <= e.business_date)
        ORDER BY x.decided_at DESC NULLS LAST, x.id DESC
        LIMIT 1
    ) AS k
    WHERE k.outcome = 'approved'
) AS a ON TRUE
LEFT JOIN LATERAL (
    SELECT sum(x.amount) AS in_progress
    FROM public.disbursement AS x
    WHERE x.loan_id = w.loan_id AND x.status IN ('pending', 'processing')
) AS d ON TRUE;
