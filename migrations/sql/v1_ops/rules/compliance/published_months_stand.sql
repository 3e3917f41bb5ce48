-- owner: compliance
-- severity: fail
-- tags: selftest
-- table: analytics.loan_daily_snapshot
-- description: Every published month-end has as many rows as when it was published
-- protects: reports that were sent: a published month is never rewritten
-- mend: restore the partition of the month from a backup; SELECT * FROM analytics.published_day
CREATE VIEW ops.rule_published_months_stand AS
SELECT
    d.day::text AS id,
    format('%s rows, published with %s', count(s.loan_id), d.loans) AS detail
FROM analytics.published_day AS d
LEFT JOIN analytics.loan_daily_snapshot AS s ON d.day = s.snapshot_date
WHERE d.is_month_end
GROUP BY d.day, d.loans
HAVING count(s.loan_id) <> d.loans;
