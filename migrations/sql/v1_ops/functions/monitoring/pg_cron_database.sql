-- owner: platform
-- description: The database in which pg_cron works; NULL: it is not loaded, or it is not installed here and who asks may not know where it works
CREATE FUNCTION ops.pg_cron_database() RETURNS text
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    RETURN current_setting('cron.database_name', true);
EXCEPTION WHEN insufficient_privilege THEN
    -- Only who may read all settings sees this one. But pg_cron can be installed nowhere else than where it works.
    RETURN (SELECT current_database() FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_cron');
END
$function$;
