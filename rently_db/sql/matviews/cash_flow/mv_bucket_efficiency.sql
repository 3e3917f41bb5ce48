-- owner: finance
-- tier: T2
-- grain: currency x standard bucket
-- key: currency_code, dpd_bucket
-- refresh: quarter_hour
-- description: How much of what fell due lately was settled, by the bucket in which the loan had ended the month before
-- column currency_code: Currency of the amounts, ISO 4217
-- column dpd_bucket: Standard bucket, by today's bounds, of the loan's days past due at the month-end before the month of the due date; Current if it
--     was not yet disbursed then
-- column due: Amounts, all components, of instalments (plan in force on the due date, loan then on the book) due in the efficiency_window_days (84)
--     days before the business date; those whose month-end before is not published do not count
-- column settled: What of due is settled today, each component at most what is due
-- column efficiency: settled / due, 6 places; NULL: nothing due
CREATE MATERIALIZED VIEW analytics.mv_bucket_efficiency AS
WITH span AS (
    SELECT
        e.legal_entity_id,
        e.business_date,
        e.business_date - coalesce(analytics.setting_number('efficiency_window_days'), 84)::integer AS begins_on,
        e.bucket_bounds,
        e.bucket_labels
    FROM analytics.entity_day AS e
),

due AS (
    SELECT
        s.currency_code,
        o.due,
        o.due - coalesce(i.unpaid, o.due) AS settled,
        x.bucket_labels[width_bucket(coalesce(h.dpd, 0), x.bucket_bounds)] AS dpd_bucket
    FROM analytics.owed_line AS o
    INNER JOIN analytics.loan_state AS s ON o.loan_id = s.loan_id AND o.due_date < coalesce(s.exited_on, 'infinity')
    INNER JOIN span AS x ON s.legal_entity_id = x.legal_entity_id AND o.due_date >= x.begins_on AND o.due_date < x.business_date
    INNER JOIN analytics.published_day AS p ON p.day = date_trunc('month', o.due_date)::date - 1
    LEFT JOIN analytics.loan_daily_snapshot AS h ON p.day = h.snapshot_date AND o.loan_id = h.loan_id
    LEFT JOIN analytics.instalment_state AS i ON o.line_id = i.line_id
    WHERE o.due_date >= (SELECT min(y.begins_on) FROM span AS y) AND o.due_date < (SELECT max(y.business_date) FROM span AS y)
)

SELECT
    d.currency_code,
    d.dpd_bucket,
    sum(d.due) AS due,
    sum(d.settled) AS settled,
    round(sum(d.settled) / nullif(sum(d.due), 0), 6) AS efficiency
FROM due AS d
GROUP BY d.currency_code, d.dpd_bucket;
CREATE UNIQUE INDEX ix_mv_bucket_efficiency_key ON analytics.mv_bucket_efficiency (currency_code, dpd_bucket);
