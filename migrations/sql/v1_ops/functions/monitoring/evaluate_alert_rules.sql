-- owner: platform
-- description: Asks every active alert rule that is due, the one that waited longest first. Returns how many incidents were raised. If statement_timeout
--     stops a rule, the others are asked the next time. Incidents of rules that are not asked any more are resolved
CREATE FUNCTION ops.evaluate_alert_rules() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    item record;
    raised integer := 0;
BEGIN
    PERFORM ops.resolve_unwatched_incidents();
    FOR item IN
        SELECT r.rule_name
        FROM ops.alert_rules AS r
        LEFT JOIN ops.alert_state AS s ON s.rule_name = r.rule_name
        WHERE r.is_active AND (s.evaluated_at IS NULL OR s.evaluated_at + r.every <= clock_timestamp())
        ORDER BY s.evaluated_at NULLS FIRST, r.rule_name
    LOOP
        raised := raised + ops.evaluate_alert_rule(item.rule_name);
        -- A statement is stopped once: what came after would have no limit any more.
        EXIT WHEN ops.time_is_up();
    END LOOP;
    RETURN raised;
END
$function$;
