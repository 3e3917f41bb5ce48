-- owner: finance
-- tier: T2
-- grain: week x currency
-- key: week_start, currency_code
-- refresh: quarter_hour
-- description: The figures of v_weekly_cash_flow_projections, where each is defined
-- column week_start: Monday
-- column currency_code: Currency of the amounts, ISO 4217
-- column scheduled_amount: Due by contract
-- column loans_with_payments: Loans with such instalments
-- column contractual_due: What of it is unpaid
-- column expected_inflow: What of that is expected
-- column loans_due: Loans with unpaid instalments
-- column received_before: Received 12 weeks before
-- column payments_before: Payments received 12 weeks before
-- column due_before: Due 12 weeks before
-- column settled_before: What of it is settled today
-- column is_default_efficiency: Whether an efficiency of the settings was used
CREATE MATERIALIZED VIEW analytics.mv_weekly_cash_flow AS
WITH loan AS (
    SELECT
        p.loan_id,
        p.currency_code,
        p.business_date,
        p.exited_on,
        p.is_on_book,
        p.dpd_bucket
    FROM analytics.loan_position AS p
),

week AS (
    SELECT
        date_trunc('week', d.day)::date + 7 * n.number AS week_start,
        c.currency_code
    FROM (SELECT min(e.business_date) AS day FROM analytics.entity_day AS e) AS d
    CROSS JOIN generate_series(0, 11) AS n (number)
    CROSS JOIN (SELECT DISTINCT l.currency_code FROM loan AS l) AS c
),

span AS (
    SELECT
        min(w.week_start) AS begins_on,
        max(w.week_start) + 7 AS ends_on
    FROM week AS w
),

line AS MATERIALIZED (
    SELECT
        date_trunc('week', o.due_date)::date AS week_start,
        o.due_date,
        o.loan_id,
        l.currency_code,
        l.dpd_bucket,
        l.business_date,
        l.is_on_book,
        o.due,
        coalesce(i.unpaid, o.due) AS unpaid
    FROM analytics.owed_line AS o
    INNER JOIN loan AS l ON o.loan_id = l.loan_id AND o.due_date < coalesce(l.exited_on, 'infinity')
    LEFT JOIN analytics.instalment_state AS i ON o.line_id = i.line_id
    WHERE o.due_date >= (SELECT s.begins_on - 84 FROM span AS s) AND o.due_date < (SELECT s.ends_on FROM span AS s)
),

coming AS (
    SELECT
        n.week_start,
        n.currency_code,
        sum(n.due) AS due,
        count(DISTINCT n.loan_id) AS loans,
        sum(n.unpaid) AS unpaid,
        round(
            CASE
                WHEN bool_and(n.unpaid = 0 OR b.efficiency IS NOT NULL OR f.efficiency IS NOT NULL)
                    THEN sum(n.unpaid * coalesce(b.efficiency, f.efficiency, 0))
            END, 2
        ) AS expected,
        count(DISTINCT n.loan_id) FILTER (WHERE n.unpaid > 0) AS loans_due,
        bool_or(n.unpaid > 0 AND b.efficiency IS NULL) AS is_default_efficiency
    FROM line AS n
    LEFT JOIN analytics.mv_bucket_efficiency AS b ON n.currency_code = b.currency_code AND n.dpd_bucket = b.dpd_bucket
    CROSS JOIN LATERAL (SELECT ((SELECT analytics.setting('default_efficiency_by_bucket')) ->> n.dpd_bucket)::numeric AS efficiency) AS f
    WHERE n.is_on_book AND n.due_date >= n.business_date
    GROUP BY n.week_start, n.currency_code
),

past AS (
    SELECT
        n.week_start + 84 AS week_start,
        n.currency_code,
        sum(n.due) AS due,
        sum(n.due - n.unpaid) AS settled
    FROM line AS n
    WHERE n.due_date < n.business_date
    GROUP BY n.week_start, n.currency_code
),

received AS (
    SELECT
        date_trunc('week', a.value_date)::date + 84 AS week_start,
        l.currency_code,
        sum(a.amount) AS amount,
        count(DISTINCT a.payment_id) AS payments
    FROM analytics.dated_allocation AS a
    INNER JOIN loan AS l ON a.loan_id = l.loan_id AND a.value_date <= l.business_date AND a.counts_until > l.business_date
    WHERE a.value_date >= (SELECT s.begins_on - 84 FROM span AS s)
    GROUP BY date_trunc('week', a.value_date), l.currency_code
)

SELECT
    w.week_start,
    w.currency_code,
    coalesce(c.due, 0) AS scheduled_amount,
    coalesce(c.loans, 0) AS loans_with_payments,
    coalesce(c.unpaid, 0) AS contractual_due,
    CASE WHEN c.loans IS NULL THEN 0 ELSE c.expected END AS expected_inflow,
    coalesce(c.loans_due, 0) AS loans_due,
    coalesce(r.amount, 0) AS received_before,
    coalesce(r.payments, 0) AS payments_before,
    coalesce(p.due, 0) AS due_before,
    coalesce(p.settled, 0) AS settled_before,
    coalesce(c.is_default_efficiency, FALSE) AS is_default_efficiency
FROM week AS w
LEFT JOIN coming AS c ON w.week_start = c.week_start AND w.currency_code = c.currency_code
LEFT JOIN past AS p ON w.week_start = p.week_start AND w.currency_code = p.currency_code
LEFT JOIN received AS r ON w.week_start = r.week_start AND w.currency_code = r.currency_code;
CREATE UNIQUE INDEX ix_mv_weekly_cash_flow_key ON analytics.mv_weekly_cash_flow (week_start, currency_code);
