-- owner: platform
-- description: How the recorded metrics moved: mean of the last day beside that of the days before, up to so many, and which way
CREATE FUNCTION ops.get_trending_metrics(days integer DEFAULT 7)
RETURNS TABLE (
    metric_category text, metric_name text, latest numeric, day_mean numeric, former_mean numeric, change_pct numeric, trend text,
    measurements bigint
)
LANGUAGE sql STABLE AS $function$
WITH measured AS (
    SELECT
        m.metric_category,
        m.metric_name,
        (array_agg(m.value ORDER BY m.measured_at DESC))[1] AS latest,
        avg(m.value) FILTER (WHERE m.measured_at >= clock_timestamp() - interval '1 day') AS day_mean,
        avg(m.value) FILTER (WHERE m.measured_at < clock_timestamp() - interval '1 day') AS former_mean,
        count(*) AS measurements
    FROM ops.metric_history AS m
    WHERE m.measured_at >= clock_timestamp() - make_interval(days => days) AND m.value IS NOT NULL
    GROUP BY m.metric_category, m.metric_name
)

SELECT
    m.metric_category,
    m.metric_name,
    m.latest,
    round(m.day_mean, 2),
    round(m.former_mean, 2),
    round(100 * (m.day_mean - m.former_mean) / nullif(abs(m.former_mean), 0), 2),
    CASE
        WHEN m.day_mean IS NULL OR m.former_mean IS NULL THEN 'unknown'
        WHEN m.day_mean > m.former_mean + 0.1 * abs(m.former_mean) THEN 'rising'
        WHEN m.day_mean < m.former_mean - 0.1 * abs(m.former_mean) THEN 'falling'
        ELSE 'steady'
    END,
    m.measurements
FROM measured AS m
ORDER BY m.metric_category, m.metric_name
$function$;
