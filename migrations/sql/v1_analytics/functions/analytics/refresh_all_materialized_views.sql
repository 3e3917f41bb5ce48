-- owner: platform
-- description: Refresh the materialized views of schema analytics, all or those of some frequencies (daily, quarter_hour, minute), each after those that
--     it reads
CREATE FUNCTION analytics.refresh_all_materialized_views(refresh text[] DEFAULT NULL)
RETURNS TABLE (view_name text, ok boolean, seconds numeric, rows bigint, error text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
#variable_conflict use_column
DECLARE
    item record;
BEGIN
    -- Two runs would only wait for each other, view by view. What holds the lock ends with the transaction, however it ends.
    IF NOT pg_try_advisory_xact_lock(analytics.refresh_lock()) THEN
        RAISE EXCEPTION 'another run of refresh_all_materialized_views is under way' USING ERRCODE = 'lock_not_available';
    END IF;
    PERFORM analytics.prune_refresh_log();
    FOR item IN SELECT o.view_name FROM analytics.refresh_order AS o
        WHERE refresh IS NULL OR o.refresh_frequency = ANY(refresh)
        ORDER BY o.level, o.view_name
    LOOP
        RETURN QUERY SELECT r.* FROM analytics.refresh_materialized_view(item.view_name) AS r;
    END LOOP;
END
$function$;
