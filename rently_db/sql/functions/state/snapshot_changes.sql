-- owner: risk
-- description: What published month-ends of loans would say now and did not then; no row for a loan and month-end that are as published
CREATE FUNCTION analytics.snapshot_changes(loan_ids uuid[])
RETURNS TABLE (snapshot_date date, loan_id uuid, changes jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
WITH month_end AS MATERIALIZED (
    SELECT array_agg(d.day ORDER BY d.day) AS days
    FROM analytics.compared_month_ends() AS d (day)
),

published AS (
    SELECT s.snapshot_date, s.loan_id, to_jsonb(s) - 'published_at' AS measures
    FROM month_end AS m
    INNER JOIN analytics.loan_daily_snapshot AS s ON s.snapshot_date = ANY(m.days)
    WHERE s.loan_id = ANY(loan_ids)
),

present AS (
    SELECT r.snapshot_date, r.loan_id, to_jsonb(r) - 'published_at' AS measures
    FROM month_end AS m
    CROSS JOIN LATERAL analytics.snapshots_of(loan_ids, m.days) AS r
)

SELECT
    coalesce(n.snapshot_date, p.snapshot_date),
    coalesce(n.loan_id, p.loan_id),
    CASE
        WHEN n.loan_id IS NULL THEN '{"is_missing": true}'
        WHEN p.loan_id IS NULL THEN n.measures || '{"published": false}'
        ELSE (
            SELECT jsonb_object_agg(k.key, k.value)
            FROM jsonb_each(n.measures) AS k
            WHERE k.value IS DISTINCT FROM p.measures -> k.key
        )
    END
FROM present AS n
FULL JOIN published AS p ON p.snapshot_date = n.snapshot_date AND p.loan_id = n.loan_id
WHERE n.measures IS DISTINCT FROM p.measures
$function$;
