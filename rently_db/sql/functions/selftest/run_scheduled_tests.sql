-- owner: platform
-- description: Runs the self-tests for the schedule and fails with what failed, so that due_task.last_error and the health overview tell. Returns how many
--     ran
CREATE FUNCTION ops.run_scheduled_tests() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    ran bigint;
    failed bigint;
    said text;
BEGIN
    SELECT
        count(*), count(*) FILTER (WHERE t.test_status <> 'PASS'),
        string_agg(format('%s: %s', t.test_name, t.test_message), '; ' ORDER BY t.test_name) FILTER (WHERE t.test_status <> 'PASS')
    INTO ran, failed, said
    FROM ops.run_all_tests() AS t;
    IF failed > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'RD004', MESSAGE = format('%s of %s self-tests failed: %s', failed, ran, said),
            HINT = 'SELECT * FROM ops.run_all_tests() runs them again.';
    END IF;
    RETURN ran;
END
$function$;
