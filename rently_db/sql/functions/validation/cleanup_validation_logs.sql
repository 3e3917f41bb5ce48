-- owner: platform
-- description: Drops results of validations, resolved incidents, recorded metrics that are older than so many days; never an open incident. Returns how
--     many rows went
CREATE FUNCTION ops.cleanup_validation_logs(days integer DEFAULT 90) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    earliest CONSTANT timestamptz := clock_timestamp() - make_interval(days => days);
    gone bigint;
    total bigint := 0;
BEGIN
    IF days IS NULL OR days < 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s days: results are kept for at least a day', coalesce(days::text, 'NULL')),
            HINT = 'Call ops.cleanup_validation_logs(90).';
    END IF;
    DELETE FROM ops.data_validation_log AS l WHERE l.validation_time < earliest;
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    DELETE FROM ops.validation_run AS r WHERE r.started_at < earliest;
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    DELETE FROM ops.alert_history AS h WHERE h.resolved_at < earliest;
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    DELETE FROM ops.metric_history AS m WHERE m.measured_at < earliest;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN total + gone;
END
$function$;
