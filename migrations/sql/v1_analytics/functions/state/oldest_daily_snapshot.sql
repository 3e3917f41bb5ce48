-- owner: risk
-- description: The first day of which snapshots are kept that is no month-end: so many days before today as setting snapshot_days says
CREATE FUNCTION analytics.oldest_daily_snapshot() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT analytics.business_date('UTC') - coalesce(analytics.setting_number('snapshot_days'), 90)::integer
$function$;
