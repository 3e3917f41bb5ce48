-- owner: finance
-- tier: T3
-- grain: month x currency
-- key: month_start, currency_code
-- refresh: daily
-- description: The figures of v_monthly_cash_flow_analysis, where each is defined
-- column month_start: First day of the month
-- column currency_code: Currency of the amounts, ISO 4217
-- column contractual_amount: Due by contract
-- column scheduled_inflow: What of it is unpaid
-- column loans_with_payments: Loans with such instalments
-- column projected_disbursements: Approved and to pay out
-- column new_loans: Loans with such payouts
-- column as_of: Latest business date among the companies at the refresh
CREATE MATERIALIZED VIEW analytics.mv_monthly_cash_flow AS
WITH loan AS (
    SELECT
        p.loan_id,
        p.currency_code,
        p.business_date
    FROM analytics.loan_position AS p
    WHERE p.is_on_book
),

month AS (
    SELECT
        (date_trunc('month', d.day) + n.number * interval '1 month')::date AS month_start,
        c.currency_code
    FROM (SELECT min(e.business_date) AS day FROM analytics.entity_day AS e) AS d
    CROSS JOIN generate_series(0, 11) AS n (number)
    CROSS JOIN (SELECT DISTINCT s.currency_code FROM analytics.loan_state AS s) AS c
),

span AS (
    SELECT
        min(m.month_start) AS begins_on,
        (max(m.month_start) + interval '1 month')::date AS ends_on
    FROM month AS m
),

inflow AS (
    SELECT
        date_trunc('month', o.due_date)::date AS month_start,
        l.currency_code,
        sum(o.due) AS contractual,
        sum(coalesce(i.unpaid, o.due)) AS unpaid,
        count(DISTINCT o.loan_id) AS loans
    FROM analytics.owed_line AS o
    INNER JOIN loan AS l ON o.loan_id = l.loan_id AND o.due_date >= l.business_date
    LEFT JOIN analytics.instalment_state AS i ON o.line_id = i.line_id
    WHERE o.due_date >= (SELECT s.begins_on FROM span AS s) AND o.due_date < (SELECT s.ends_on FROM span AS s)
    GROUP BY date_trunc('month', o.due_date), l.currency_code
),

outflow AS (
    SELECT
        date_trunc('month', greatest(d.start_date, d.business_date))::date AS month_start,
        d.currency_code,
        sum(d.undisbursed) AS amount,
        count(*) AS loans
    FROM analytics.v_disbursement_pipeline AS d
    GROUP BY date_trunc('month', greatest(d.start_date, d.business_date)), d.currency_code
)

SELECT
    m.month_start,
    m.currency_code,
    coalesce(i.contractual, 0) AS contractual_amount,
    coalesce(i.unpaid, 0) AS scheduled_inflow,
    coalesce(i.loans, 0) AS loans_with_payments,
    coalesce(o.amount, 0) AS projected_disbursements,
    coalesce(o.loans, 0) AS new_loans,
    (SELECT max(e.business_date) FROM analytics.entity_day AS e) AS as_of
FROM month AS m
LEFT JOIN inflow AS i ON m.month_start = i.month_start AND m.currency_code = i.currency_code
LEFT JOIN outflow AS o ON m.month_start = o.month_start AND m.currency_code = o.currency_code;
CREATE UNIQUE INDEX ix_mv_monthly_cash_flow_key ON analytics.mv_monthly_cash_flow (month_start, currency_code);
