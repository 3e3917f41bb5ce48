-- owner: risk
-- description: The month-ends that restate_snapshots looks after: the last 24 that are published
CREATE FUNCTION analytics.compared_month_ends() RETURNS SETOF date
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT p.day
FROM analytics.published_day AS p
WHERE p.is_month_end
ORDER BY p.day DESC
LIMIT 24
$function$;
