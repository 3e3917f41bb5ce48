-- owner: platform
-- description: The open incidents, most urgent first: since when, what was found, and who has taken them up
CREATE FUNCTION ops.get_active_alerts_summary()
RETURNS TABLE (
    incident bigint, rule_name text, severity text, cause text, message text, found bigint, raised_at timestamptz, minutes_open numeric,
    acknowledged_by text
)
LANGUAGE sql STABLE AS $function$
SELECT
    h.id, h.rule_name, h.severity, h.cause, h.message, h.last_found, h.raised_at,
    round(extract(EPOCH FROM clock_timestamp() - h.raised_at)::numeric / 60, 1), h.acknowledged_by
FROM ops.alert_history AS h
WHERE h.resolved_at IS NULL
ORDER BY array_position('{critical,high,medium,low}', h.severity), h.raised_at
$function$;
