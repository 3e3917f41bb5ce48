-- owner: platform
-- description: Whether the statement has run as long as statement_timeout allows: it was stopped by that, and not by somebody
CREATE FUNCTION ops.time_is_up() RETURNS boolean
LANGUAGE sql VOLATILE AS $function$
SELECT s.setting > 0 AND clock_timestamp() - statement_timestamp() >= make_interval(secs => s.setting / 1000.0)
FROM (SELECT setting::bigint AS setting FROM pg_catalog.pg_settings WHERE name = 'statement_timeout') AS s
$function$;
