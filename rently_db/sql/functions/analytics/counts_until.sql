-- owner: finance
-- description: First day on which an allocation no longer counts: the local date of its or its payment's reversal, the earlier one; infinity without
CREATE FUNCTION analytics.counts_until(payment_reversed_at timestamptz, allocation_reversed_at timestamptz, time_zone text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT coalesce((least(payment_reversed_at, allocation_reversed_at) AT TIME ZONE coalesce(time_zone, 'UTC'))::date, 'infinity')
$function$;
