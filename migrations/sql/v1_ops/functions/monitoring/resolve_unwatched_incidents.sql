-- owner: platform
-- description: Ends open incidents of rules that were switched off or deleted: nobody would find that their condition has ended. Returns how many
CREATE FUNCTION ops.resolve_unwatched_incidents() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    item record;
    ended bigint := 0;
BEGIN
    FOR item IN
        SELECT h.rule_name, h.cause
        FROM ops.alert_history AS h
        WHERE h.resolved_at IS NULL AND NOT EXISTS (SELECT FROM ops.alert_rules AS r WHERE r.rule_name = h.rule_name AND r.is_active)
    LOOP
        PERFORM ops.resolve_incident(item.rule_name, item.cause, NULL);
        ended := ended + 1;
    END LOOP;
    RETURN ended;
END
$function$;
