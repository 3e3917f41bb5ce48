-- owner: platform
-- description: Quality of each table: rows, how full its columns are by the planner's statistics, rows that offend a rule as last checked
CREATE FUNCTION ops.get_data_quality_metrics()
RETURNS TABLE (table_name text, total_records bigint, completeness_score numeric, quality_issues bigint, last_validated timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
WITH issue AS (
    SELECT
        l.table_name,
        sum(l.violation_count) FILTER (WHERE l.validation_status IN ('FAIL', 'WARNING')) AS offenders,
        max(l.validation_time) AS checked_at
    FROM ops.latest_validation() AS l
    GROUP BY l.table_name
),

filled AS (
    SELECT s.tablename, round(100 * avg(1 - s.null_frac)::numeric, 2) AS score
    FROM pg_catalog.pg_stats AS s
    WHERE s.schemaname = 'public'
    GROUP BY s.tablename
)

SELECT
    c.relname::text,
    ops.row_count('public.' || quote_ident(c.relname)),
    f.score,
    coalesce(i.offenders, 0)::bigint,
    i.checked_at
FROM pg_catalog.pg_class AS c
LEFT JOIN filled AS f ON f.tablename = c.relname
LEFT JOIN issue AS i ON i.table_name = c.relname
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
ORDER BY 4 DESC, 1
$function$;
