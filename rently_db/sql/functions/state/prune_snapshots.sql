-- owner: platform
-- description: Removes snapshots of days that are neither month-ends nor young enough. Returns how many rows went
CREATE FUNCTION analytics.prune_snapshots() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    oldest CONSTANT date := analytics.oldest_daily_snapshot();
    removed bigint;
BEGIN
    DELETE FROM analytics.published_day AS p WHERE p.day < oldest AND NOT p.is_month_end;
    DELETE FROM analytics.loan_daily_snapshot AS s WHERE s.snapshot_date < oldest AND NOT s.is_month_end;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$function$;
