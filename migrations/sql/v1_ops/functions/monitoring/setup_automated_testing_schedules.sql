-- owner: platform
-- description: Schedules validations, alerts, metrics, refreshes and the worker through pg_cron where that works in this database, and takes away
--     jobs of tasks that are no more; else gives the line of a crontab for rently-db run-due, which does the same from outside. A lock keeps the two
--     from doing anything twice
CREATE FUNCTION ops.setup_automated_testing_schedules()
RETURNS TABLE (schedule_name text, schedule text, command text, method text, status text)
LANGUAGE plpgsql VOLATILE AS $function$
#variable_conflict use_column
DECLARE
    item record;
    former record;
    names text[] := '{}';
    gone bigint;
    works_in CONSTANT text := ops.pg_cron_database();
    is_there CONSTANT boolean := EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_cron');
    in_workers CONSTANT boolean := EXISTS (
        SELECT FROM pg_catalog.pg_settings AS s WHERE s.name = 'cron.use_background_workers' AND s.setting = 'on'
    );
    -- What a session of this role begins with: SET counts for this one alone.
    role_limit CONSTANT text := (SELECT s.reset_val FROM pg_catalog.pg_settings AS s WHERE s.name = 'statement_timeout');
BEGIN
    IF NOT is_there OR works_in IS DISTINCT FROM current_database() THEN
        schedule_name := 'rently: run-due';
        schedule := '* * * * *';
        command := ops.crontab_line();
        method := 'crontab';
        status := format(
            'add this line with crontab -e on a host that has rently-db, with its full path unless it is in /usr/bin, and the password in ~/.pgpass: %s',
            CASE
                WHEN is_there AND works_in IS NULL THEN 'pg_cron is installed, but shared_preload_libraries does not load it'
                WHEN works_in <> current_database() THEN format('pg_cron works in database %s, not in this one', works_in)
                ELSE 'pg_cron is not installed in this database'
            END
        );
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT pg_catalog.has_schema_privilege('cron', 'USAGE') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', MESSAGE = format('role %I may not use pg_cron', current_user),
            HINT = format('As a superuser: GRANT USAGE ON SCHEMA cron TO %I', current_user);
    END IF;
    method := 'pg_cron';
    FOR item IN
        SELECT
            'rently: ' || t.name AS name,
            CASE
                WHEN t.every >= '1 day' THEN '*/10 3 * * *'
                WHEN t.every >= '1 hour' THEN '7 * * * *'
                WHEN t.minutes > 1 AND 60 % t.minutes = 0 THEN format('*/%s * * * *', t.minutes)
                ELSE '* * * * *'
            END AS cron,
            CASE
                -- What may take long commits each portion: it must be the only statement, and so has no limit of its own.
                WHEN t.repeats AND t.time_limit IS NULL
                    THEN format('DO $rently$BEGIN WHILE ops.run_task(%L, true, 0) > 0 LOOP COMMIT; END LOOP; END$rently$', t.name)
                ELSE format(
                    'SET statement_timeout = %s; SELECT ops.run_task(%L, true, %s)', coalesce((extract(EPOCH FROM t.time_limit) * 1000)::bigint, 0),
                    t.name, coalesce(round(extract(EPOCH FROM t.time_limit)::numeric / 2, 1), 0)
                )
            END AS statement
        FROM (
            SELECT d.name, d.every, d.repeats, d.time_limit, greatest(floor(extract(EPOCH FROM d.every) / 60), 1)::integer AS minutes
            FROM analytics.due_task AS d
            WHERE d.is_active
            UNION ALL
            SELECT 'queue', '30 seconds', true, NULL, 1
        ) AS t
        UNION ALL
        -- pg_cron itself keeps for ever what it ran.
        SELECT
            'rently: clean up pg_cron', '50 3 * * *',
            'DELETE FROM cron.job_run_details AS d USING cron.job AS j WHERE j.jobid = d.jobid AND j.jobname LIKE ''rently: %'''
            ' AND d.end_time < now() - CASE d.status WHEN ''succeeded'' THEN interval ''2 days'' ELSE interval ''30 days'' END'
        ORDER BY 1
    LOOP
        schedule_name := item.name;
        schedule := item.cron;
        command := item.statement;
        names := names || item.name;
        EXECUTE
            'SELECT count(*) AS found, bool_and(j.schedule = $2 AND j.command = $3) AS same, bool_and(j.active) AS active FROM cron.job AS j '
            'WHERE j.jobname = $1 AND j.database = current_database() AND j.username = current_user'
            INTO former USING item.name, item.cron, item.statement;
        IF NOT coalesce(former.same, false) THEN
            EXECUTE 'SELECT cron.schedule($1, $2, $3)' USING item.name, item.cron, item.statement;
        END IF;
        status := CASE
            WHEN former.found = 0 THEN 'scheduled'
            WHEN NOT former.active THEN 'switched off by cron.alter_job'
            WHEN former.same THEN 'was scheduled already'
            ELSE 'changed'
        END;
        IF role_limit <> '0' AND item.statement LIKE 'DO %' THEN
            status := format(
                '%s; statement_timeout of %I stops it: ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0', status, current_user, current_user,
                current_database()
            );
        END IF;
        IF in_workers AND item.statement LIKE 'SET statement_timeout = %' AND item.statement NOT LIKE 'SET statement_timeout = 0;%' THEN
            status := status || '; cron.use_background_workers is on: there the time limit does not hold';
        END IF;
        RETURN NEXT;
    END LOOP;
    gone := ops.unschedule_jobs(names);
    IF gone > 0 THEN
        schedule_name := 'rently: ...';
        schedule := NULL;
        command := NULL;
        status := format('%s unscheduled: their tasks are no more, or switched off', gone);
        RETURN NEXT;
    END IF;
END
$function$;
