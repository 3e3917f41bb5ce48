-- owner: platform
-- description: Evaluates one rule and logs the result under a run; a rule that errors or takes too long is a FAIL that says so
CREATE FUNCTION ops.check_rule(rule text, run_id bigint) RETURNS ops.data_validation_log
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
#variable_conflict use_column
DECLARE
    known record;
    seen record;
    result ops.data_validation_log;
    began CONSTANT timestamptz := clock_timestamp();
BEGIN
    SELECT k.* INTO known FROM ops.rule_catalogue AS k WHERE k.rule = check_rule.rule;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object', MESSAGE = format('there is no rule %L', check_rule.rule),
            HINT = 'SELECT rule, description FROM ops.rule_catalogue lists them.';
    END IF;
    result.run_id := check_rule.run_id;
    result.validation_type := known.validation_type;
    result.validation_name := known.rule;
    result.table_name := known.table_name;
    result.column_name := known.column_name;
    BEGIN
        EXECUTE format(
            $query$
            SELECT
                count(*) FILTER (WHERE NOT o.is_exempt) AS offenders,
                count(*) FILTER (WHERE o.is_exempt) AS exempt,
                min(array_position('{fail,warning,info}', o.severity)) FILTER (WHERE NOT o.is_exempt) AS worst,
                (array_agg(o.id ORDER BY array_position('{fail,warning,info}', o.severity), o.id) FILTER (WHERE NOT o.is_exempt))[1:20] AS ids,
                (array_agg(o.detail ORDER BY array_position('{fail,warning,info}', o.severity), o.id) FILTER (WHERE NOT o.is_exempt))[1:20] AS details
            FROM (
                SELECT
                    r.id, r.detail, coalesce(to_jsonb(r) ->> 'severity', $2) AS severity,
                    EXISTS (
                        SELECT FROM ops.validation_exemption AS e
                        WHERE e.rule = $1 AND (e.row_id IS NULL OR e.row_id = r.id) AND (now() AT TIME ZONE 'UTC')::date < e.ends_on
                    ) AS is_exempt
                FROM ops.%I AS r
            ) AS o
            $query$,
            'rule_' || known.rule
        ) INTO seen USING known.rule, known.severity;
        result.record_count := ops.row_count(known.table_name);
        result.violation_count := seen.offenders;
        result.validation_status := coalesce(('{FAIL,WARNING,INFO}'::text[])[seen.worst], 'PASS');
        result.validation_message := CASE
            WHEN seen.offenders = 0 THEN 'no row offends'
            ELSE format('%s: %s; %s', CASE seen.offenders WHEN 1 THEN '1 row' ELSE seen.offenders || ' rows' END, known.description, known.mend)
        END;
        result.details := jsonb_strip_nulls(jsonb_build_object(
            'ids', to_jsonb(seen.ids), 'found', to_jsonb(seen.details), 'exempt', nullif(seen.exempt, 0)
        ));
    EXCEPTION
        WHEN query_canceled THEN
            IF NOT ops.time_is_up() THEN
                RAISE;
            END IF;
            result.details := jsonb_build_object('error', 'stopped by statement_timeout', 'stopped', true);
        WHEN OTHERS THEN
            result.details := jsonb_build_object('error', SQLERRM, 'sqlstate', SQLSTATE);
    END;
    IF result.details ? 'error' THEN
        result.validation_status := 'FAIL';
        result.violation_count := 0;
        result.validation_message := format(
            'could not be evaluated: %s; %s', result.details ->> 'error',
            CASE WHEN result.details ? 'stopped' THEN 'raise statement_timeout, or rently-db validate, which gives each rule its own time'
                ELSE 'rently-db drift says whether the rule is what its revision deployed' END
        );
    END IF;
    result.seconds := round(extract(EPOCH FROM clock_timestamp() - began)::numeric, 3);
    INSERT INTO ops.data_validation_log (
        run_id, validation_type, validation_name, table_name, column_name, validation_status, record_count, violation_count, validation_message,
        details, seconds
    )
    VALUES (
        result.run_id, result.validation_type, result.validation_name, result.table_name, result.column_name, result.validation_status,
        result.record_count, result.violation_count, result.validation_message, result.details, result.seconds
    )
    RETURNING id, validation_time INTO result.id, result.validation_time;
    RETURN result;
END
$function$;
