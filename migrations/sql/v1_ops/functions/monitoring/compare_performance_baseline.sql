-- owner: platform
-- description: What the statements of one baseline took since: until another baseline, or until now. Only calls in between count, as long as the statistics
--     were not reset. SLOWER and FASTER: by half and by more than a millisecond a call. UNKNOWN: pg_stat_statements had nothing to compare
CREATE FUNCTION ops.compare_performance_baseline(before text, after text DEFAULT NULL)
RETURNS TABLE (statement text, calls bigint, mean_before_ms numeric, mean_after_ms numeric, ratio numeric, status text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    unknown CONSTANT text := (
        SELECT n.label FROM unnest(ARRAY[before, after]) WITH ORDINALITY AS n (label, nr)
        WHERE (n.label IS NOT NULL OR n.nr = 1) AND NOT EXISTS (SELECT FROM ops.performance_baseline AS b WHERE b.label = n.label)
        ORDER BY n.nr LIMIT 1
    );
BEGIN
    IF unknown IS NOT NULL OR before IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', MESSAGE = format('there is no baseline %L', unknown),
            HINT = coalesce(
                'There are: ' || (SELECT string_agg(DISTINCT b.label, ', ') FROM ops.performance_baseline AS b),
                'Take one: SELECT ops.take_performance_baseline(''before'')'
            );
    END IF;
    RETURN QUERY
    WITH former AS (
        SELECT b.subject, b.calls, b.total_ms, b.mean_ms
        FROM ops.performance_baseline AS b
        WHERE b.label = before AND b.kind = 'statement'
    ),

    latter AS (
        SELECT b.subject, b.calls, b.total_ms
        FROM ops.performance_baseline AS b
        WHERE b.label = after AND b.kind = 'statement'
        UNION ALL
        SELECT s.query, sum(s.calls)::bigint, sum(s.total_ms)
        FROM ops.slow_statements(-1, 0) AS s
        WHERE after IS NULL
        GROUP BY s.query
    ),

    -- Counters that went down were reset: then all they say is of the time since.
    since AS (
        SELECT
            f.subject,
            f.mean_ms,
            f.total_ms AS weight,
            CASE WHEN l.calls < f.calls OR l.total_ms < f.total_ms THEN l.calls ELSE l.calls - f.calls END AS calls,
            CASE WHEN l.calls < f.calls OR l.total_ms < f.total_ms THEN l.total_ms ELSE l.total_ms - f.total_ms END AS total_ms
        FROM former AS f
        LEFT JOIN latter AS l ON f.subject = l.subject
    ),

    judged AS (
        SELECT s.*, round(s.total_ms / nullif(s.calls, 0), 3) AS mean_after_ms FROM since AS s
    )

    SELECT
        j.subject, coalesce(j.calls, 0), j.mean_ms, j.mean_after_ms, round(j.mean_after_ms / nullif(j.mean_ms, 0), 2),
        CASE
            WHEN j.mean_after_ms IS NULL THEN 'NOT CALLED'
            WHEN j.mean_after_ms > 1.5 * j.mean_ms AND j.mean_after_ms > j.mean_ms + 1 THEN 'SLOWER'
            WHEN j.mean_ms > 1.5 * j.mean_after_ms AND j.mean_ms > j.mean_after_ms + 1 THEN 'FASTER'
            ELSE 'SAME'
        END
    FROM judged AS j
    WHERE EXISTS (SELECT FROM latter)
    UNION ALL
    SELECT
        'pg_stat_statements counted no statement ' || CASE WHEN EXISTS (SELECT FROM former) THEN 'afterwards' ELSE 'before' END
        || ': set shared_preload_libraries = ''pg_stat_statements'', restart the server, and run CREATE EXTENSION pg_stat_statements',
        0, NULL, NULL, NULL, 'UNKNOWN'
    WHERE NOT EXISTS (SELECT FROM former) OR NOT EXISTS (SELECT FROM latter)
    ORDER BY 5 DESC NULLS LAST, 1;
END
$function$;
