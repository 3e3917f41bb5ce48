-- owner: product
-- tier: T2
-- grain: application
-- key: application_id
-- refresh: minute
-- description: Each application with its latest decision and what became of it; decisions and loans are brought to one row before they are joined
-- column application_id: Application, recorded up to the business date or before v1
-- column legal_entity_id: Company that it went to
-- column product_id: Product that it asks for
-- column currency_code: Currency of all amounts here: the requested one, ISO 4217
-- column status: submitted, under_review, approved, rejected or withdrawn
-- column submitted_at: Moment when it was recorded; NULL: before v1, unknown
-- column submitted_month: First day of the local month of that moment; NULL: unknown
-- column requested_amount: Amount asked for
-- column outcome: Outcome of the latest decision (by decided_at, unknown last, then id) up to the business date; NULL: none
-- column decided_at: Its moment; NULL: none, or unknown
-- column approved_amount: Amount that it approved, in currency_code at today's rate, unrounded; NULL: not approved, or the rate is missing
-- column loans: Loans made from it
-- column disbursed_amount: Completed disbursements of these loans, in currency_code at today's rate, unrounded; 0 without; NULL: the rate is missing
-- column disbursed_at: Moment of the first one with a known moment; NULL: none
CREATE VIEW analytics.application_outcome AS
WITH application AS MATERIALIZED (
    SELECT
        a.id AS application_id,
        a.legal_entity_id,
        a.product_id,
        a.requested_currency AS currency_code,
        a.status,
        a.created_at,
        a.requested_amount,
        e.time_zone,
        e.business_date
    FROM public.application AS a
    INNER JOIN analytics.entity_day AS e ON a.legal_entity_id = e.legal_entity_id
    WHERE a.created_at IS NULL OR (a.created_at AT TIME ZONE e.time_zone)::date <= e.business_date
),

decision AS MATERIALIZED (
    SELECT DISTINCT ON (d.application_id)
        d.application_id,
        d.outcome,
        d.decided_at,
        d.approved_amount,
        coalesce(d.approved_currency, a.currency_code) AS approved_currency
    FROM public.decision AS d
    INNER JOIN application AS a ON d.application_id = a.application_id
    WHERE d.decided_at IS NULL OR (d.decided_at AT TIME ZONE a.time_zone)::date <= a.business_date
    ORDER BY d.application_id ASC, d.decided_at DESC NULLS LAST, d.id DESC
),

loan AS MATERIALIZED (
    SELECT
        l.application_id,
        s.currency_code AS loan_currency,
        count(*) AS loans,
        sum(s.disbursed_principal) AS disbursed
    FROM public.loan AS l
    INNER JOIN analytics.loan_state AS s ON l.id = s.loan_id
    WHERE l.application_id IS NOT NULL
    GROUP BY l.application_id, s.currency_code
),

payout AS (
    SELECT
        l.application_id,
        min(d.disbursed_at AT TIME ZONE 'UTC') AS disbursed_at
    FROM public.disbursement AS d
    INNER JOIN public.loan AS l ON d.loan_id = l.id
    INNER JOIN application AS a ON l.application_id = a.application_id
    WHERE d.status = 'completed' AND (d.disbursed_at AT TIME ZONE 'UTC' AT TIME ZONE a.time_zone)::date <= a.business_date
    GROUP BY l.application_id
),

rate AS (
    SELECT
        p.from_ccy,
        p.to_ccy,
        p.business_date,
        f.rate
    FROM (
        SELECT
            d.approved_currency AS from_ccy,
            a.currency_code AS to_ccy,
            a.business_date
        FROM decision AS d
        INNER JOIN application AS a ON d.application_id = a.application_id
        UNION
        SELECT
            l.loan_currency,
            a.currency_code,
            a.business_date
        FROM loan AS l
        INNER JOIN application AS a ON l.application_id = a.application_id
    ) AS p
    CROSS JOIN LATERAL analytics.fx_rate(p.from_ccy, p.to_ccy, p.business_date) AS f
),

made AS (
    SELECT
        l.application_id,
        sum(l.loans)::bigint AS loans,
        CASE WHEN bool_and(l.disbursed = 0 OR r.rate IS NOT NULL) THEN coalesce(sum(l.disbursed * r.rate), 0) END AS disbursed
    FROM loan AS l
    INNER JOIN application AS a ON l.application_id = a.application_id
    LEFT JOIN rate AS r ON l.loan_currency = r.from_ccy AND a.currency_code = r.to_ccy AND a.business_date = r.business_date
    GROUP BY l.application_id
)

SELECT
    a.application_id,
    a.legal_entity_id,
    a.product_id,
    a.currency_code,
    a.status,
    a.created_at AS submitted_at,
    date_trunc('month', a.created_at AT TIME ZONE a.time_zone)::date AS submitted_month,
    a.requested_amount,
    d.outcome,
    d.decided_at,
    CASE WHEN d.outcome = 'approved' THEN d.approved_amount * r.rate END AS approved_amount,
    coalesce(m.loans, 0) AS loans,
    CASE WHEN m.application_id IS NULL THEN 0 ELSE m.disbursed END AS disbursed_amount,
    p.disbursed_at
FROM application AS a
LEFT JOIN decision AS d ON a.application_id = d.application_id
LEFT JOIN rate AS r ON d.approved_currency = r.from_ccy AND a.currency_code = r.to_ccy AND a.business_date = r.business_date
LEFT JOIN made AS m ON a.application_id = m.application_id
LEFT JOIN payout AS p ON a.application_id = p.application_id;
