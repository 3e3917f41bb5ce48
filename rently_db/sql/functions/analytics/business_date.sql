-- owner: platform
-- description: The business date of an entity: its local date, unless the setting rently.business_date says otherwise
CREATE FUNCTION analytics.business_date(time_zone text) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT coalesce(nullif(current_setting('rently.business_date', true), '')::date, (now() AT TIME ZONE coalesce(time_zone, 'UTC'))::date)
$function$;
