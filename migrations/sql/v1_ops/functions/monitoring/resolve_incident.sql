-- owner: platform
-- description: Ends the open incident of a rule, if there is one, and notifies rently_alert
CREATE FUNCTION ops.resolve_incident(name text, cause text, seen bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    ended record;
BEGIN
    UPDATE ops.alert_history AS h SET resolved_at = clock_timestamp(), last_found = resolve_incident.seen
    WHERE h.rule_name = name AND h.cause = resolve_incident.cause AND h.resolved_at IS NULL
    RETURNING h.id, h.severity, h.message INTO ended;
    IF ended.id IS NOT NULL THEN
        PERFORM pg_notify('rently_alert', jsonb_build_object(
            'state', 'resolved', 'incident', ended.id, 'rule', name, 'severity', ended.severity, 'message', left(ended.message, 1000)
        )::text);
    END IF;
END
$function$;
