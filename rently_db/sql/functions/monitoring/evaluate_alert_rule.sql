-- owner: platform
-- description: Asks one alert rule, raises an incident if it finds too much and none is open, resolves the open one if it no longer does, and notifies
--     rently_alert of both. Returns how many were raised
CREATE FUNCTION ops.evaluate_alert_rule(name text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
DECLARE
    rule ops.alert_rules;
    rows_seen bigint;
    first_rows jsonb;
    problem text;
    began CONSTANT timestamptz := clock_timestamp();
    failures integer;
    raised integer := 0;
BEGIN
    -- Two that ask the same at once would raise it twice.
    SELECT r.* INTO rule FROM ops.alert_rules AS r WHERE r.rule_name = name FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object', MESSAGE = format('there is no alert rule %L', name),
            HINT = 'SELECT rule_name FROM ops.alert_rules lists them.';
    END IF;
    BEGIN
        SELECT l.rows_seen, l.first_rows INTO rows_seen, first_rows FROM ops.look_read_only(rule.query) AS l;
    EXCEPTION
        WHEN query_canceled THEN
            IF NOT ops.time_is_up() THEN
                RAISE;
            END IF;
            problem := 'stopped by statement_timeout';
        WHEN OTHERS THEN
            problem := SQLERRM;
    END;
    INSERT INTO ops.alert_state AS s (rule_name, evaluated_at, seconds, found, error, errors_in_a_row)
    VALUES (
        name, began, round(extract(EPOCH FROM clock_timestamp() - began)::numeric, 3), CASE WHEN problem IS NULL THEN rows_seen END, problem,
        CASE WHEN problem IS NULL THEN 0 ELSE 1 END
    )
    ON CONFLICT (rule_name) DO UPDATE SET
        evaluated_at = excluded.evaluated_at, seconds = excluded.seconds, found = excluded.found, error = excluded.error,
        errors_in_a_row = CASE WHEN problem IS NULL THEN 0 ELSE s.errors_in_a_row + 1 END
    RETURNING s.errors_in_a_row INTO failures;
    IF problem IS NOT NULL THEN
        IF failures >= 3 THEN
            raised := ops.raise_incident(rule, 'error', format('the rule could not be evaluated three times in a row: %s', problem), NULL, NULL);
        END IF;
        RETURN raised;
    END IF;
    PERFORM ops.resolve_incident(name, 'error', NULL);
    IF rows_seen > rule.above THEN
        raised := ops.raise_incident(
            rule, 'condition',
            format(
                '%s: %s%s', rule.description, CASE rows_seen WHEN 1 THEN '1 row' ELSE rows_seen || ' rows' END,
                CASE WHEN rule.above > 0 THEN format(' (more than %s)', rule.above) ELSE '' END
            ),
            rows_seen, first_rows
        );
    ELSE
        PERFORM ops.resolve_incident(name, 'condition', rows_seen);
    END IF;
    RETURN raised;
END
$function$;
