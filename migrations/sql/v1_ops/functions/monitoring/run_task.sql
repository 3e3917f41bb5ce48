-- owner: platform
-- description: Runs a task of due_task, or the worker of the queue, as rently-db run-due would, and goes on with a run that was cut off. For pg_cron:
--     only what is due, and no further portion after so many seconds; 0: one portion, so that the caller commits. Returns the sum of what the task
--     gave; NULL: another is at work
CREATE FUNCTION ops.run_task(task text, only_if_due boolean DEFAULT false, seconds numeric DEFAULT 50) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    item analytics.due_task;
    began CONSTANT timestamptz := clock_timestamp();
    cut_off boolean;
    is_done boolean := false;
    given bigint;
    total bigint := 0;
    problem text;
BEGIN
    SELECT t.* INTO item FROM analytics.due_task AS t WHERE t.name = task AND t.is_active;
    IF NOT FOUND AND task IS DISTINCT FROM 'queue' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object', MESSAGE = format('there is no active task %L', task),
            HINT = 'SELECT name FROM analytics.due_task WHERE is_active lists them; queue is the worker of the loans.';
    END IF;
    -- Two hosts, or a loop beside this, do not double it. What is due is looked up under the lock.
    IF NOT pg_try_advisory_xact_lock_shared(ops.run_due_lock()) THEN
        RAISE NOTICE 'nothing done: rently-db run-due% is at work in this database', (
            SELECT ' (process ' || min(l.pid) || ')'
            FROM pg_locks AS l
            WHERE
                l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock' AND l.objsubid = 1
                AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                AND (l.classid::bigint << 32) + l.objid::bigint = ops.run_due_lock()
        );
        RETURN NULL;
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtext('ops.run_task ' || task)::bigint) THEN
        RAISE NOTICE 'nothing done: another session is running task %', task;
        RETURN NULL;
    END IF;
    IF task = 'queue' THEN
        LOOP
            given := analytics.process_loan_queue(500);
            total := total + given;
            EXIT WHEN given = 0 OR clock_timestamp() >= began + make_interval(secs => seconds::double precision);
        END LOOP;
        RETURN total;
    END IF;
    IF item.statement LIKE '%refresh_next_view%' THEN
        -- Views are refreshed one at a time: the jobs of pg_cron take turns, view by view. Who does not wait passes for done.
        PERFORM pg_advisory_xact_lock(analytics.refresh_lock());
    END IF;
    SELECT t.* INTO item FROM analytics.due_task AS t WHERE t.name = task;
    -- Whoever was at it was killed, or left the rest: its portions are done, and last_run says since when.
    cut_off := coalesce(
        item.last_error IS NULL AND item.last_run > coalesce(item.last_ok, '-infinity') AND item.last_run + item.every > began, false
    );
    -- Who comes by the clock comes now a little early, now a little late. What is due once a day keeps its hour of the night.
    IF
        only_if_due AND NOT cut_off
        AND item.last_run + item.every - least(item.every / 2, CASE WHEN item.every >= '1 day' THEN '12 hours' ELSE '30 seconds' END::interval) > began
    THEN
        RETURN 0;
    END IF;
    IF NOT cut_off THEN
        UPDATE analytics.due_task AS t SET last_run = began, last_error = NULL WHERE t.name = task;
    END IF;
    LOOP
        -- What the portions before have done stays.
        BEGIN
            EXECUTE item.statement INTO given;
            total := total + coalesce(given, 0);
            is_done := NOT item.repeats OR coalesce(given, 0) = 0;
        EXCEPTION
            WHEN query_canceled THEN
                IF NOT ops.time_is_up() THEN
                    RAISE;
                END IF;
                problem := 'canceling statement due to statement timeout';
            WHEN OTHERS THEN
                problem := SQLERRM;
        END;
        -- A statement is stopped once: what came after would have no limit any more.
        EXIT WHEN
            is_done OR problem IS NOT NULL OR ops.time_is_up()
            OR clock_timestamp() >= began + make_interval(secs => seconds::double precision);
    END LOOP;
    UPDATE analytics.due_task AS t SET
        last_ok = CASE WHEN is_done THEN clock_timestamp() ELSE t.last_ok END,
        last_result = CASE WHEN problem IS NULL THEN total + CASE WHEN cut_off THEN coalesce(t.last_result, 0) ELSE 0 END ELSE t.last_result END,
        last_error = problem
    WHERE t.name = task;
    IF problem IS NOT NULL THEN
        RAISE WARNING 'task % failed: %', task, problem;
    END IF;
    RETURN total;
END
$function$;
