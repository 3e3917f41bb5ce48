-- owner: platform
-- description: Opens an incident and notifies rently_alert, or notes on the open one how much is found now. Returns 1 if it was opened
CREATE FUNCTION ops.raise_incident(rule ops.alert_rules, cause text, message text, seen bigint, first jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $function$
#variable_conflict use_column
DECLARE
    opened bigint;
BEGIN
    INSERT INTO ops.alert_history (rule_name, severity, cause, message, details, found, last_found)
    VALUES (
        rule.rule_name, rule.severity, raise_incident.cause, raise_incident.message, coalesce(jsonb_build_object('rows', raise_incident.first), '{}'),
        raise_incident.seen, raise_incident.seen
    )
    ON CONFLICT (rule_name, cause) WHERE resolved_at IS NULL DO NOTHING
    RETURNING id INTO opened;
    IF opened IS NULL THEN
        UPDATE ops.alert_history AS h SET last_found = raise_incident.seen
        WHERE h.rule_name = rule.rule_name AND h.cause = raise_incident.cause AND h.resolved_at IS NULL
            AND h.last_found IS DISTINCT FROM raise_incident.seen;
        RETURN 0;
    END IF;
    PERFORM pg_notify('rently_alert', jsonb_build_object(
        'state', 'raised', 'incident', opened, 'rule', rule.rule_name, 'severity', rule.severity, 'message', left(raise_incident.message, 1000)
    )::text);
    RETURN 1;
END
$function$;
