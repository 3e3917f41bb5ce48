-- owner: finance
-- description: Value date of a payment in a time zone: the local date of received_at (UTC), else processed_at, else created_at; NULL: nothing is known
CREATE FUNCTION analytics.value_date(received_at timestamp, processed_at timestamptz, created_at timestamptz, time_zone text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT (coalesce(received_at AT TIME ZONE 'UTC', processed_at, created_at) AT TIME ZONE coalesce(time_zone, 'UTC'))::date
$function$;
