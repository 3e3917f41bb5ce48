-- owner: platform
-- description: Why pg_stat_statements does not say how long statements take, and the mend; NULL: it does
CREATE FUNCTION ops.statements_missing() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
SELECT CASE
    -- The setting is there only where the library was loaded when the server started, and everybody may read it.
    WHEN current_setting('pg_stat_statements.max', true) IS NULL
        THEN 'pg_stat_statements is not loaded: add it to shared_preload_libraries, restart, then CREATE EXTENSION pg_stat_statements'
    WHEN NOT EXISTS (SELECT FROM pg_extension AS e WHERE e.extname = 'pg_stat_statements')
        THEN 'pg_stat_statements is not installed in this database: CREATE EXTENSION pg_stat_statements'
    WHEN NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
        THEN format('pg_stat_statements shows only what role %I ran: GRANT pg_read_all_stats TO %I', current_user, current_user)
END
$function$;
