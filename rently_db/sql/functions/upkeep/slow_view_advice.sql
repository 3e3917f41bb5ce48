-- owner: platform
-- description: Views that take longer in the mean than their tier allows, by pg_stat_statements, and why nothing can be said where nothing can
CREATE FUNCTION ops.slow_view_advice() RETURNS TABLE (object text, finding text, command text)
LANGUAGE sql STABLE AS $function$
WITH allowed AS (
    SELECT v.view_name, v.performance_tier, k.allowed_ms
    FROM analytics.view_catalogue AS v
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN v.performance_tier IN ('T0', 'T1') THEN ops.config_number('dashboard_milliseconds', 300)
                ELSE ops.config_number('report_milliseconds', 3000)
            END AS allowed_ms
    ) AS k
),

-- A refresh names the view too, and is no reading of it.
reading AS MATERIALIZED (
    SELECT s.query, s.mean_ms, s.calls
    FROM ops.slow_statements((SELECT min(a.allowed_ms) FROM allowed AS a), 5) AS s
    WHERE regexp_replace(s.query, '^(\s|\(|/\*.*?\*/|--[^\n]*\n)*', '') ~* '^(select|with|table|declare)\M'
),

slowest AS (
    SELECT DISTINCT ON (a.view_name) a.view_name, a.performance_tier, a.allowed_ms, r.mean_ms, r.calls
    FROM allowed AS a
    INNER JOIN reading AS r ON r.mean_ms > a.allowed_ms AND r.query ~ ('\m' || a.view_name || '\M')
    ORDER BY a.view_name ASC, r.mean_ms DESC
)

SELECT f.object, f.finding, f.command
FROM (
    SELECT
        s.mean_ms / s.allowed_ms AS weight, 'analytics.' || s.view_name AS object,
        format('%s ms in the mean of %s calls, tier %s allows %s', round(s.mean_ms), s.calls, s.performance_tier, s.allowed_ms) AS finding,
        format('EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM analytics.%I', s.view_name) AS command
    FROM slowest AS s
) AS f
ORDER BY f.weight DESC, f.object
$function$;
