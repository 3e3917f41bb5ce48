-- owner: platform
-- description: Asks the active alert rule that is due and waited longest, in a transaction of its own. Returns 1; 0: none is due, or somebody else asks
CREATE FUNCTION ops.evaluate_next_alert_rule() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    next_rule text;
    problem text;
BEGIN
    PERFORM ops.resolve_unwatched_incidents();
    SELECT r.rule_name INTO next_rule
    FROM ops.alert_rules AS r
    LEFT JOIN ops.alert_state AS s ON s.rule_name = r.rule_name
    WHERE r.is_active AND (s.evaluated_at IS NULL OR s.evaluated_at + r.every <= clock_timestamp())
    ORDER BY s.evaluated_at NULLS FIRST, r.rule_name
    LIMIT 1
    FOR UPDATE OF r SKIP LOCKED;
    IF next_rule IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM ops.evaluate_alert_rule(next_rule);
    SELECT s.error INTO problem FROM ops.alert_state AS s WHERE s.rule_name = next_rule;
    IF problem IS NOT NULL THEN
        RAISE WARNING 'alert rule % could not be evaluated: %', next_rule, problem;
    END IF;
    RETURN 1;
END
$function$;
