-- owner: platform
-- description: Number of the advisory lock that refreshes hold, so that no two of them wait for each other view by view
CREATE FUNCTION analytics.refresh_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT hashtext('analytics.refresh_all_materialized_views')::bigint
$function$;
