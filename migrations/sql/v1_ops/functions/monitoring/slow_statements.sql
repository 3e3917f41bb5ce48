-- owner: platform
-- description: Statements of this database that take longer on average and were called more often, by pg_stat_statements; none where
--     that is not at work, and statements_missing() says why
CREATE FUNCTION ops.slow_statements(above_ms numeric, above_calls bigint)
RETURNS TABLE (query_id text, calls bigint, mean_ms numeric, total_ms numeric, query text, row_count bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    source CONSTANT text := (
        SELECT format('%I.pg_stat_statements', n.nspname)
        FROM pg_catalog.pg_extension AS e
        INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_stat_statements'
    );
    exec text;
BEGIN
    IF source IS NULL THEN
        RETURN;
    END IF;
    -- From 13 on planning has a column of its own.
    exec := CASE WHEN current_setting('server_version_num')::integer >= 130000 THEN '_exec' ELSE '' END;
    RETURN QUERY EXECUTE format(
        'SELECT s.queryid::text, sum(s.calls)::bigint, round((sum(s.total%1$s_time) / sum(s.calls))::numeric, 3), '
        'round(sum(s.total%1$s_time)::numeric, 3), max(s.query), sum(s.rows)::bigint '
        'FROM %2$s AS s WHERE s.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) AND s.calls > 0 AND s.queryid IS NOT NULL '
        'GROUP BY s.queryid HAVING sum(s.total%1$s_time) / sum(s.calls) > $1 AND sum(s.calls) > $2 ORDER BY 4 DESC',
        exec, source
    ) USING above_ms, above_calls;
EXCEPTION
    -- Installed is not loaded, which only some may ask: without shared_preload_libraries the view raises an error.
    WHEN object_not_in_prerequisite_state OR insufficient_privilege THEN
        RETURN;
END
$function$;
