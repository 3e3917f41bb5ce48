-- owner: platform
-- description: How the validations stand: what failed the last time, how long ago that was, and which exemptions end soon
CREATE FUNCTION ops.get_validation_health_status()
RETURNS TABLE (metric_name text, metric_value text, status text)
LANGUAGE sql STABLE AS $function$
WITH latest AS MATERIALIZED (
    SELECT l.validation_status, l.validation_time FROM ops.latest_validation() AS l
),

total AS (
    SELECT
        count(*) AS checked,
        count(*) FILTER (WHERE l.validation_status IN ('PASS', 'INFO')) AS passed,
        count(*) FILTER (WHERE l.validation_status = 'FAIL') AS failed,
        count(*) FILTER (WHERE l.validation_status = 'WARNING') AS warned,
        min(l.validation_time) AS oldest
    FROM latest AS l
),

known AS (
    SELECT count(*) AS rules FROM ops.rule_catalogue AS k WHERE 'validation' = ANY(k.tags)
),

exemption AS (
    SELECT count(*) AS ending
    FROM ops.validation_exemption AS e
    WHERE e.ends_on > (now() AT TIME ZONE 'UTC')::date AND e.ends_on <= (now() AT TIME ZONE 'UTC')::date + 7
)

SELECT m.metric_name, m.metric_value, m.status
FROM total AS t
CROSS JOIN known AS k
CROSS JOIN exemption AS e
CROSS JOIN LATERAL (
    VALUES
    (1, 'rules checked', t.checked || ' of ' || k.rules, CASE WHEN t.checked = k.rules THEN 'HEALTHY' ELSE 'WARNING' END),
    (
        2, 'pass rate, percent', coalesce(round(100.0 * t.passed / nullif(t.checked, 0), 2)::text, 'unknown'),
        CASE WHEN t.checked = 0 THEN 'WARNING' WHEN t.failed > 0 THEN 'CRITICAL' WHEN t.warned > 0 THEN 'WARNING' ELSE 'HEALTHY' END
    ),
    (3, 'rules that fail', t.failed::text, CASE WHEN t.failed > 0 THEN 'CRITICAL' ELSE 'HEALTHY' END),
    (4, 'rules that warn', t.warned::text, CASE WHEN t.warned > 0 THEN 'WARNING' ELSE 'HEALTHY' END),
    (
        5, 'hours since the oldest check', coalesce(round(extract(EPOCH FROM clock_timestamp() - t.oldest)::numeric / 3600, 1)::text, 'never'),
        CASE
            WHEN t.oldest > clock_timestamp() - interval '26 hours' THEN 'HEALTHY'
            WHEN t.oldest > clock_timestamp() - interval '50 hours' THEN 'WARNING' ELSE 'CRITICAL'
        END
    ),
    (6, 'exemptions that end within 7 days', e.ending::text, CASE WHEN e.ending > 0 THEN 'WARNING' ELSE 'HEALTHY' END)
) AS m (sort, metric_name, metric_value, status)
ORDER BY m.sort
$function$;
