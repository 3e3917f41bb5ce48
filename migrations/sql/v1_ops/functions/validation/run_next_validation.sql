-- owner: platform
-- description: Checks the next rule of the validations that was not checked since a moment, in a transaction of its own. Returns 1; 0: all were, and the
--     run is ended
CREATE FUNCTION ops.run_next_validation(since timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    run bigint;
    next_rule text;
    checked ops.data_validation_log;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('ops.run_next_validation')::bigint) THEN
        RETURN 0;
    END IF;
    SELECT r.id INTO run FROM ops.validation_run AS r
    WHERE r.asked = 'scheduled' AND r.started_at >= since AND r.finished_at IS NULL
    ORDER BY r.id DESC
    LIMIT 1;
    IF run IS NULL AND NOT EXISTS (SELECT FROM ops.validation_run AS r WHERE r.asked = 'scheduled' AND r.started_at >= since) THEN
        INSERT INTO ops.validation_run (asked) VALUES ('scheduled') RETURNING id INTO run;
    END IF;
    IF run IS NULL THEN
        RETURN 0;
    END IF;
    SELECT k.rule INTO next_rule
    FROM ops.rule_catalogue AS k
    WHERE
        'validation' = ANY(k.tags)
        AND NOT EXISTS (SELECT FROM ops.data_validation_log AS l WHERE l.run_id = run AND l.validation_name = k.rule)
    ORDER BY k.validation_type, k.rule
    LIMIT 1;
    IF next_rule IS NULL THEN
        PERFORM ops.close_validation_run(run);
        RETURN 0;
    END IF;
    checked := ops.check_rule(next_rule, run);
    IF checked.validation_status = 'FAIL' THEN
        RAISE WARNING '%: %', next_rule, checked.validation_message;
    END IF;
    RETURN 1;
END
$function$;
