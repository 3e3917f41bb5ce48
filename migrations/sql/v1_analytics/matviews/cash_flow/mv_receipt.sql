-- owner: finance
-- tier: T2
-- grain: month x loan in which cash came in
-- key: month_start, loan_id
-- refresh: quarter_hour
-- description: Cash received in each month, split by what it settled: instalments of that month, of earlier months, of later months. As known today
-- column month_start: First day of the month of the value date
-- column loan_id: Loan
-- column received: Effective allocations, all components
-- column on_current: What of it settled instalments due in the month (of the plan in force on their due date), each component at most its due amount
-- column on_arrears: What of it settled instalments due before the month, likewise
-- column on_later: What of it settled instalments due after the month, likewise
CREATE MATERIALIZED VIEW analytics.mv_receipt AS
WITH loan AS (
    SELECT
        s.loan_id,
        e.business_date
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
),

-- Set apart, so that joins with it are made by hashing: how many rows the joins within it give, the planner can only guess.
line AS MATERIALIZED (
    SELECT
        o.line_id,
        o.loan_id,
        date_trunc('month', o.due_date)::date AS due_month,
        o.due_principal,
        o.due_interest,
        o.due_rc_fee,
        o.due_penalty,
        o.due_other
    FROM analytics.owed_line AS o
    INNER JOIN analytics.loan_state AS s ON o.loan_id = s.loan_id AND o.due_date < coalesce(s.exited_on, 'infinity')
),

running AS (
    SELECT
        p.line_id,
        p.component,
        date_trunc('month', p.value_date)::date AS month_start,
        sum(p.amount) AS amount,
        sum(sum(p.amount)) OVER (PARTITION BY p.line_id, p.component ORDER BY date_trunc('month', p.value_date)) AS upto
    FROM analytics.line_receipt AS p
    GROUP BY p.line_id, p.component, date_trunc('month', p.value_date)
),

settled AS (
    SELECT
        n.loan_id,
        r.month_start,
        n.due_month,
        least(r.upto, c.due) - least(r.upto - r.amount, c.due) AS amount
    FROM running AS r
    INNER JOIN line AS n ON r.line_id = n.line_id
    CROSS JOIN LATERAL (
        SELECT
            CASE r.component
                WHEN 'principal' THEN n.due_principal
                WHEN 'interest' THEN n.due_interest
                WHEN 'rc_fee' THEN n.due_rc_fee
                WHEN 'penalty' THEN n.due_penalty
                ELSE n.due_other
            END AS due
    ) AS c
)

SELECT
    f.month_start,
    f.loan_id,
    sum(f.received) AS received,
    sum(f.on_current) AS on_current,
    sum(f.on_arrears) AS on_arrears,
    sum(f.on_later) AS on_later
FROM (
    SELECT
        date_trunc('month', a.value_date)::date AS month_start,
        a.loan_id,
        a.amount AS received,
        0 AS on_current,
        0 AS on_arrears,
        0 AS on_later
    FROM analytics.dated_allocation AS a
    INNER JOIN loan AS l ON a.loan_id = l.loan_id AND a.value_date <= l.business_date AND a.counts_until > l.business_date
    UNION ALL
    SELECT
        s.month_start,
        s.loan_id,
        0 AS received,
        CASE WHEN s.due_month = s.month_start THEN s.amount ELSE 0 END AS on_current,
        CASE WHEN s.due_month < s.month_start THEN s.amount ELSE 0 END AS on_arrears,
        CASE WHEN s.due_month > s.month_start THEN s.amount ELSE 0 END AS on_later
    FROM settled AS s
) AS f
GROUP BY f.month_start, f.loan_id;
CREATE UNIQUE INDEX ix_mv_receipt_key ON analytics.mv_receipt (month_start, loan_id);
