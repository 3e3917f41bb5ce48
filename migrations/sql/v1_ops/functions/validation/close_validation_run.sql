-- owner: platform
-- description: Adds up what a run of validations found, and ends it
CREATE FUNCTION ops.close_validation_run(run_id bigint) RETURNS ops.validation_run
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
UPDATE ops.validation_run AS r SET
    finished_at = clock_timestamp(), total_checks = t.total, passed_checks = t.passed, failed_checks = t.failed, warning_checks = t.warnings,
    info_checks = t.infos
FROM (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE l.validation_status = 'PASS') AS passed,
        count(*) FILTER (WHERE l.validation_status = 'FAIL') AS failed,
        count(*) FILTER (WHERE l.validation_status = 'WARNING') AS warnings,
        count(*) FILTER (WHERE l.validation_status = 'INFO') AS infos
    FROM ops.data_validation_log AS l
    WHERE l.run_id = close_validation_run.run_id
) AS t
WHERE r.id = close_validation_run.run_id
RETURNING r.*
$function$;
