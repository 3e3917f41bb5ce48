-- owner: platform
-- description: Refreshes the next materialized view of a frequency that was not refreshed since a moment, in a transaction of its own, so that loans can
--     be computed in between; warns if it failed. Returns 1; 0: none is left
CREATE FUNCTION analytics.refresh_next_view(frequency text, since timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    next_view text;
    done record;
BEGIN
    IF NOT pg_try_advisory_xact_lock(analytics.refresh_lock()) THEN
        RAISE WARNING 'views of % were not refreshed: another run of refresh_all_materialized_views is under way', frequency;
        RETURN 0;
    END IF;
    SELECT o.view_name INTO next_view
    FROM analytics.refresh_order AS o
    WHERE
        o.refresh_frequency = frequency
        AND NOT EXISTS (SELECT FROM analytics.refresh_log AS g WHERE g.view_name = o.view_name AND g.started_at >= since)
    ORDER BY o.level, o.view_name
    LIMIT 1;
    IF next_view IS NULL THEN
        PERFORM analytics.prune_refresh_log();
        RETURN 0;
    END IF;
    SELECT r.* INTO done FROM analytics.refresh_materialized_view(next_view) AS r;
    IF NOT done.ok THEN
        RAISE WARNING '% was not refreshed: %', next_view, done.error;
    END IF;
    RETURN 1;
END
$function$;
