-- owner: platform
-- description: Drops what refresh_log holds beyond setting refresh_log_days
CREATE FUNCTION analytics.prune_refresh_log() RETURNS void
LANGUAGE sql VOLATILE AS $function$
DELETE FROM analytics.refresh_log AS g
WHERE g.started_at < clock_timestamp() - make_interval(days => coalesce(analytics.setting_number('refresh_log_days'), 90)::integer)
$function$;
