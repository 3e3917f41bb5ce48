-- owner: platform
-- description: Number of the advisory lock that rently-db run-due holds alone while it works, and tasks of pg_cron share
CREATE FUNCTION ops.run_due_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT 7203140584
$function$;
