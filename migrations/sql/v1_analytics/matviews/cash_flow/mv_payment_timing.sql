-- owner: finance
-- tier: T3
-- grain: currency x timing band
-- key: currency_code, payment_timing_category
-- refresh: daily
-- description: How instalments were settled against their due dates; computed daily for v_payment_timing_analysis, whose columns these are
-- column currency_code: Currency of the amounts, ISO 4217
-- column payment_timing_category: Band
-- column band_sort: Position of the band, from 0
-- column payment_count: Instalments, in band unlinked allocations
-- column instalments: Instalments, 0 in band unlinked
-- column total_amount: Amounts due of the instalments, in band unlinked the allocated amounts
-- column avg_days_variance: Mean days from due date to settlement, negative if early; NULL for unlinked
-- column median_days_variance: Median of the same
-- column as_of: Latest business date among the companies at the refresh
CREATE MATERIALIZED VIEW analytics.mv_payment_timing AS
WITH band AS (
    SELECT
        b.label,
        b.sort
    FROM
        (VALUES ('early', 0), ('on_time', 1), ('late_1_week', 2), ('late_1_month', 3), ('late_over_month', 4), ('unlinked', 5))
            AS b (label, sort)
),

settled AS (
    SELECT
        s.currency_code,
        i.due,
        i.settled_on - i.due_date AS days
    FROM analytics.instalment_state AS i
    INNER JOIN analytics.loan_state AS s ON i.loan_id = s.loan_id
    WHERE i.settled_on < i.owed_until AND i.owed_from < i.owed_until
),

event AS (
    SELECT
        s.currency_code,
        CASE
            WHEN s.days < 0 THEN 'early'
            WHEN s.days = 0 THEN 'on_time'
            WHEN s.days <= 7 THEN 'late_1_week'
            WHEN s.days <= 30 THEN 'late_1_month'
            ELSE 'late_over_month'
        END AS label,
        s.due AS amount,
        s.days
    FROM settled AS s
    UNION ALL
    SELECT
        s.currency_code,
        'unlinked' AS label,
        a.amount,
        NULL AS days
    FROM analytics.dated_allocation AS a
    INNER JOIN analytics.loan_state AS s ON a.loan_id = s.loan_id
    INNER JOIN analytics.entity_day AS y ON s.legal_entity_id = y.legal_entity_id
    WHERE a.line_id IS NULL AND a.value_date <= y.business_date AND a.counts_until > y.business_date
)

SELECT
    e.currency_code,
    b.label AS payment_timing_category,
    b.sort AS band_sort,
    count(*) AS payment_count,
    count(e.days) AS instalments,
    sum(e.amount) AS total_amount,
    round(avg(e.days), 2) AS avg_days_variance,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY e.days)::numeric, 2) AS median_days_variance,
    (SELECT max(y.business_date) FROM analytics.entity_day AS y) AS as_of
FROM event AS e
INNER JOIN band AS b ON e.label = b.label
GROUP BY e.currency_code, b.label, b.sort;
CREATE UNIQUE INDEX ix_mv_payment_timing_key ON analytics.mv_payment_timing (currency_code, payment_timing_category);
