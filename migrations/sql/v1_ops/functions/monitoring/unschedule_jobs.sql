-- owner: platform
-- description: Takes from pg_cron the jobs that setup_automated_testing_schedules() gave it, of this database, except the named ones. Returns how
--     many. The way down calls it: what the jobs call is dropped
CREATE FUNCTION ops.unschedule_jobs(keep text[] DEFAULT '{}') RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    gone bigint;
BEGIN
    -- A copy of the database has the jobs of the original, which pg_cron does not run there; nor is it asked where it is not loaded.
    IF
        NOT EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_cron')
        OR ops.pg_cron_database() IS DISTINCT FROM current_database()
    THEN
        RETURN 0;
    END IF;
    IF NOT pg_catalog.has_schema_privilege('cron', 'USAGE') THEN
        RAISE WARNING USING
            MESSAGE = format('role %I may not use schema cron: jobs of pg_cron named rently: ... stay, if there are any', current_user),
            HINT = 'As a superuser: SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE ''rently: %'' AND database = current_database()';
        RETURN 0;
    END IF;
    EXECUTE
        'SELECT count(cron.unschedule(j.jobid)) FROM cron.job AS j '
        'WHERE j.jobname LIKE ''rently: %'' AND j.database = current_database() AND j.jobname <> ALL($1)'
        INTO gone USING keep;
    RETURN gone;
END
$function$;
