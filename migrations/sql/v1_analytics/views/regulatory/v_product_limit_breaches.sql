-- owner: compliance
-- tier: T2
-- grain: loan or obligor x limit
-- key: subject_type, subject_id, limit_name
-- refresh: minute
-- description: Loans on the book outside a limit of their product that held when the contract began, and obligors over the large-exposure limit;
--     also what can't be judged for want of an exchange rate
-- column subject_type: loan or obligor
-- column subject_id: Loan, or obligor (group of connected borrowers, else the borrower)
-- column limit_name: min_amount, max_amount, max_tenor_months, max_rate, max_total_fee_pct for loans; large_exposure for obligors
-- column loan_number: Number of the loan; NULL for an obligor
-- column legal_entity_name: Company that lends; NULL for an obligor, whose loans of all companies count
-- column product_code: Product; NULL for an obligor
-- column currency_code: Currency of limit_value, actual_value and breach where they are amounts: the company's functional currency; NULL where they are none
-- column limit_value: The limit: an amount, months, or a fraction; setting large_exposure_pct as a fraction for large_exposure
-- column actual_value: What the contract says: principal at today's rate, months from start_date to end_date (begun ones count), interest per year, Rently
--     Care fees of the active plan over the principal; of an obligor its share of the outstanding principal on the book of the group, in group currency. NULL: a rate is missing
-- column breach: How far actual_value is beyond limit_value, > 0; NULL: it can't be judged, a rate is missing
-- column is_rate_missing: Whether an exchange rate is missing
-- column limit_source: Where the limit comes from
-- column limit_valid_from: First day on which the limit holds
-- column needs_signoff: Whether the limit is a placeholder
CREATE VIEW analytics.v_product_limit_breaches AS
WITH judged AS (
    SELECT
        'loan' AS subject_type,
        b.loan_id AS subject_id,
        v.limit_name,
        b.loan_number,
        b.legal_entity_name,
        b.product_code,
        CASE WHEN v.is_amount THEN b.functional_ccy END AS currency_code,
        v.limit_value,
        v.actual_value,
        v.beyond,
        b.source,
        b.valid_from,
        b.needs_signoff
    FROM analytics.loan_limit AS b
    LEFT JOIN LATERAL (
        SELECT sum(i.amount_rc_fee) / b.principal_amount AS fee_pct
        FROM public.amortisation_plan AS n
        INNER JOIN public.amortisation_line AS i ON n.id = i.plan_id
        WHERE n.loan_id = b.loan_id AND n.status = 'active' AND b.max_total_fee_pct IS NOT NULL
    ) AS f ON TRUE
    CROSS JOIN
        LATERAL (
            SELECT b.principal_amount * b.functional_rate AS amount
        ) AS a
    CROSS JOIN
        LATERAL (
            VALUES
            ('min_amount', TRUE, b.min_amount, a.amount, b.min_amount - a.amount),
            ('max_amount', TRUE, b.max_amount, a.amount, a.amount - b.max_amount),
            ('max_tenor_months', FALSE, b.max_tenor_months, b.months, b.months - b.max_tenor_months),
            ('max_rate', FALSE, b.max_rate, b.interest_rate, b.interest_rate - b.max_rate),
            ('max_total_fee_pct', FALSE, b.max_total_fee_pct, coalesce(f.fee_pct, 0), coalesce(f.fee_pct, 0) - b.max_total_fee_pct)
        ) AS v (limit_name, is_amount, limit_value, actual_value, beyond)
    WHERE v.limit_value IS NOT NULL
),

large AS (
    SELECT
        (s.value #>> '{}')::numeric / 100 AS pct,
        s.source,
        s.valid_from,
        s.needs_signoff
    FROM public.analytics_setting AS s
    WHERE
        s.key = 'large_exposure_pct' AND analytics.business_date('UTC') >= s.valid_from
        AND (s.valid_through IS NULL OR analytics.business_date('UTC') < s.valid_through)
)

SELECT
    j.subject_type,
    j.subject_id,
    j.limit_name,
    j.loan_number,
    j.legal_entity_name,
    j.product_code,
    j.currency_code,
    j.limit_value,
    j.actual_value,
    j.beyond AS breach,
    j.actual_value IS NULL AS is_rate_missing,
    j.source AS limit_source,
    j.valid_from AS limit_valid_from,
    j.needs_signoff
FROM judged AS j
WHERE j.beyond > 0 OR j.beyond IS NULL
UNION ALL
SELECT
    'obligor' AS subject_type,
    s.obligor_id AS subject_id,
    'large_exposure' AS limit_name,
    NULL AS loan_number,
    NULL AS legal_entity_name,
    NULL AS product_code,
    NULL AS currency_code,
    k.pct AS limit_value,
    s.of_book AS actual_value,
    s.of_book - k.pct AS breach,
    s.of_book IS NULL AS is_rate_missing,
    k.source AS limit_source,
    k.valid_from AS limit_valid_from,
    k.needs_signoff
FROM analytics.obligor_share AS s
CROSS JOIN large AS k
WHERE s.of_book > k.pct OR s.of_book IS NULL;
