-- owner: finance
-- tier: T3
-- grain: month x product x currency
-- key: month_start, product_id, currency_code
-- refresh: daily
-- description: Sums of v_prepayment_analysis, where each is defined, from pairs of consecutive published month-ends
-- column month_start: First day of the month
-- column product_id: Product
-- column currency_code: Currency of the amounts, ISO 4217
-- column loans: Loans that owed principal when the month began
-- column opening_balance: Principal owed when the month began
-- column sched_principal: Principal scheduled in the month
-- column paid_principal: Principal paid in the month
-- column unsched_principal: Principal paid ahead of schedule in the month
CREATE MATERIALIZED VIEW analytics.mv_prepayment AS
WITH month AS (
    SELECT
        (o.day + 1) AS month_start,
        o.day AS opened_on,
        c.day AS closed_on
    FROM analytics.published_day AS o
    INNER JOIN analytics.published_day AS c ON c.day = (date_trunc('month', o.day + 1) + interval '1 month')::date - 1
    WHERE o.is_month_end
),

paid AS (
    SELECT
        m.month_start,
        m.closed_on,
        a.loan_id,
        a.product_id,
        a.currency_code,
        a.outstanding_principal AS opening,
        z.outstanding_principal AS closing,
        least(coalesce(d.due_principal, 0), a.outstanding_principal) AS scheduled,
        greatest(
            z.principal_paid - z.principal_recovered - z.principal_refunded
            - (a.principal_paid - a.principal_recovered - a.principal_refunded), 0
        ) AS paid
    FROM month AS m
    INNER JOIN analytics.loan_daily_snapshot AS a ON m.opened_on = a.snapshot_date
    INNER JOIN analytics.loan_daily_snapshot AS z ON m.closed_on = z.snapshot_date AND a.loan_id = z.loan_id
    LEFT JOIN analytics.mv_due_month AS d ON m.month_start = d.month_start AND a.loan_id = d.loan_id
    WHERE a.status = 'active' AND a.outstanding_principal > 0
),

-- Only money that leaves less to owe than the plan would is paid ahead; who pays more to catch up prepays nothing.
ahead AS (
    SELECT
        p.month_start,
        p.loan_id,
        coalesce(sum(l.amount_principal), 0) - p.closing AS ahead
    FROM paid AS p
    LEFT JOIN LATERAL (
        SELECT t.plan_id
        FROM analytics.plan_timeline AS t
        WHERE t.loan_id = p.loan_id AND p.closed_on >= t.begins_on AND p.closed_on < t.ends_on
        ORDER BY t.is_active DESC, t.version DESC
        LIMIT 1
    ) AS f ON true
    LEFT JOIN public.amortisation_line AS l ON f.plan_id = l.plan_id AND p.closed_on < l.due_date
    WHERE p.paid > p.scheduled
    GROUP BY p.month_start, p.loan_id, p.closing
)

SELECT
    p.month_start,
    p.product_id,
    p.currency_code,
    count(*) AS loans,
    sum(p.opening) AS opening_balance,
    sum(p.scheduled) AS sched_principal,
    sum(p.paid) AS paid_principal,
    sum(greatest(least(p.paid - p.scheduled, coalesce(a.ahead, 0), p.opening - p.scheduled), 0)) AS unsched_principal
FROM paid AS p
LEFT JOIN ahead AS a ON p.month_start = a.month_start AND p.loan_id = a.loan_id
GROUP BY p.month_start, p.product_id, p.currency_code;
CREATE UNIQUE INDEX ix_mv_prepayment_key ON analytics.mv_prepayment (month_start, product_id, currency_code);
