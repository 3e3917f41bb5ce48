-- owner: platform
-- description: What the validations of the last hours found, a row a rule: how often it was checked and failed, and how it stood the last time
CREATE FUNCTION ops.generate_validation_report(hours integer DEFAULT 24)
RETURNS TABLE (
    validation_type text, validation_name text, table_name text, checks bigint, failures bigint, warnings bigint, last_status text,
    last_violations bigint, last_message text, first_failed_at timestamptz, last_checked_at timestamptz
)
LANGUAGE sql STABLE AS $function$
SELECT
    l.validation_type,
    l.validation_name,
    max(l.table_name),
    count(*),
    count(*) FILTER (WHERE l.validation_status = 'FAIL'),
    count(*) FILTER (WHERE l.validation_status = 'WARNING'),
    (array_agg(l.validation_status ORDER BY l.id DESC))[1],
    (array_agg(l.violation_count ORDER BY l.id DESC))[1],
    (array_agg(l.validation_message ORDER BY l.id DESC))[1],
    min(l.validation_time) FILTER (WHERE l.validation_status = 'FAIL'),
    max(l.validation_time)
FROM ops.data_validation_log AS l
WHERE l.validation_time >= clock_timestamp() - make_interval(hours => hours)
GROUP BY l.validation_type, l.validation_name
ORDER BY
    array_position('{FAIL,WARNING,INFO,PASS}', (array_agg(l.validation_status ORDER BY l.id DESC))[1]), l.validation_type, l.validation_name
$function$;
