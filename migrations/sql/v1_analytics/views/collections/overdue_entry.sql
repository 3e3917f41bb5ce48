-- owner: collections
-- tier: T1
-- grain: overdue instalment x bucket of scheme collections_entry that its days past due reached
-- key: line_id, bucket_sort
-- refresh: minute
-- description: The first day on which each overdue instalment was so many days past due that it stood in a bucket
-- column line_id: Instalment
-- column loan_id: Loan
-- column bucket: Bucket
-- column bucket_sort: Position of the bucket, from 0
-- column is_first: Whether it is the bucket that begins with the first day past due
-- column is_last: Whether it is the open bucket at the end
-- column reached_on: First day on which the instalment was overdue with the bucket's least days past due, less grace and paused days
-- column last_day: Last day on which the instalment was overdue
-- column ended_by: What ended it; NULL: it is still overdue
CREATE VIEW analytics.overdue_entry AS
WITH spell AS (
    SELECT
        s.line_id,
        s.loan_id,
        s.due_date,
        s.from_day,
        s.last_day,
        s.late_from,
        s.has_pause,
        s.ended_by,
        s.business_date
    FROM analytics.overdue_spell AS s
),

bucket AS (
    SELECT
        b.label,
        b.sort,
        lower(b.days) AS first_dpd,
        upper_inf(b.days) AS is_last,
        b.valid_from,
        b.valid_through
    FROM public.dpd_bucket AS b
    WHERE b.scheme = 'collections_entry'
)

SELECT
    s.line_id,
    s.loan_id,
    b.label AS bucket,
    b.sort AS bucket_sort,
    b.first_dpd = 1 AS is_first,
    b.is_last,
    r.reached_on,
    s.last_day,
    s.ended_by
FROM spell AS s
INNER JOIN bucket AS b
    ON
        s.business_date >= b.valid_from
        AND (b.valid_through IS NULL OR s.business_date < b.valid_through)
        AND s.late_from + b.first_dpd <= s.last_day
CROSS JOIN
    LATERAL (
        SELECT CASE
            WHEN NOT s.has_pause THEN greatest(s.late_from + b.first_dpd, s.from_day)
            ELSE (
                SELECT min(g.day)::date
                FROM generate_series(greatest(s.late_from + b.first_dpd, s.from_day), s.last_day, interval '1 day') AS g (day)
                WHERE g.day::date - s.late_from - analytics.paused_days(s.loan_id, s.due_date, g.day::date) >= b.first_dpd
            )
        END AS reached_on
    ) AS r
WHERE r.reached_on IS NOT NULL;
