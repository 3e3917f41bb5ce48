-- owner: platform
-- description: Refresh one materialized view of schema analytics beside its readers, and log how it went; a failure is told, not raised
CREATE FUNCTION analytics.refresh_materialized_view(name text)
RETURNS TABLE (view_name text, ok boolean, seconds numeric, rows bigint, error text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
#variable_conflict use_column
DECLARE
    began CONSTANT timestamptz := clock_timestamp();
    populated boolean;
    keyed boolean;
BEGIN
    SELECT o.is_populated, o.has_key INTO populated, keyed FROM analytics.refresh_order AS o WHERE o.view_name = name;
    view_name := name;
    BEGIN
        IF populated IS NULL THEN
            RAISE EXCEPTION 'there is no materialized view analytics.%', name USING ERRCODE = 'undefined_table';
        END IF;
        -- Without a key a refresh would shut readers out; a view that was never filled has none to shut out.
        IF populated AND NOT keyed THEN
            RAISE EXCEPTION '% has no unique index over all rows and columns alone, so it can''t be refreshed beside its readers', name
            USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        EXECUTE format('REFRESH MATERIALIZED VIEW %s analytics.%I', CASE WHEN populated THEN 'CONCURRENTLY' ELSE '' END, name);
        EXECUTE format('SELECT count(*) FROM analytics.%I', name) INTO rows;
        ok := true;
    EXCEPTION WHEN OTHERS THEN
        ok := false;
        error := SQLERRM;
    END;
    seconds := round(extract(EPOCH FROM clock_timestamp() - began)::numeric, 3);
    INSERT INTO analytics.refresh_log (view_name, started_at, seconds, row_count, was_concurrent, ok, error)
    VALUES (name, began, seconds, rows, coalesce(populated, false), ok, error);
    RETURN NEXT;
END
$function$;
