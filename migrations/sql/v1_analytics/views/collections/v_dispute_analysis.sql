-- owner: collections
-- tier: T2
-- grain: month of report x type of dispute x priority x currency of the loan
-- key: month, dispute_type, priority, currency_code
-- refresh: live
-- description: Disputes about payments by the month in which they were reported, and what became of them up to the business date
-- column month: First day of the month of created_at, local to the loan's company; NULL: unknown
-- column dispute_type: amount_mismatch, timing_issue, allocation_error, unauthorized_payment, duplicate_payment
-- column priority: low, medium, high, critical; NULL: not said
-- column currency_code: Currency of all amounts: the loan's, ISO 4217
-- column disputes: Disputes reported
-- column open: Those not resolved or closed, or only after the business date
-- column resolved: All others
-- column median_days: Median days (mean of the middle two) from report to resolution of resolved ones with both moments known, rounded to 2 places
-- column avg_open_days: Mean days from report to the business date of open ones, rounded to 2 places; NULL: none
-- column amount_diff: Expected less actual amounts, where both are known
-- column disputed_amount: The same without sign
CREATE VIEW analytics.v_dispute_analysis AS
WITH dispute AS (
    SELECT
        d.dispute_type,
        d.priority,
        l.currency_code,
        d.status,
        d.expected_amount - d.actual_amount AS difference,
        (d.created_at AT TIME ZONE coalesce(e.time_zone, 'UTC'))::date AS reported_on,
        (d.resolved_at AT TIME ZONE coalesce(e.time_zone, 'UTC'))::date AS resolved_on,
        analytics.business_date(e.time_zone) AS business_date
    FROM public.payment_disputes AS d
    INNER JOIN public.loan AS l ON d.loan_id = l.id
    INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id
),

known AS (
    SELECT
        d.dispute_type,
        d.priority,
        d.currency_code,
        d.difference,
        d.reported_on,
        d.resolved_on,
        d.business_date,
        d.status IN ('resolved', 'closed') AND coalesce(d.resolved_on <= d.business_date, true) AS is_resolved
    FROM dispute AS d
    WHERE d.reported_on IS null OR d.reported_on <= d.business_date
)

SELECT
    date_trunc('month', k.reported_on)::date AS month,
    k.dispute_type,
    k.priority,
    k.currency_code,
    count(*) AS disputes,
    count(*) FILTER (WHERE NOT k.is_resolved) AS open,
    count(*) FILTER (WHERE k.is_resolved) AS resolved,
    round((
        percentile_cont(0.5) WITHIN GROUP (ORDER BY k.resolved_on - k.reported_on) FILTER (WHERE k.is_resolved)
    )::numeric, 2) AS median_days,
    round(avg(k.business_date - k.reported_on) FILTER (WHERE NOT k.is_resolved), 2) AS avg_open_days,
    coalesce(sum(k.difference), 0) AS amount_diff,
    coalesce(sum(abs(k.difference)), 0) AS disputed_amount
FROM known AS k
GROUP BY date_trunc('month', k.reported_on)::date, k.dispute_type, k.priority, k.currency_code;
