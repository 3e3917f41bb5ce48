-- owner: platform
-- description: A setting of the figures as a number, NULL if there is none
CREATE FUNCTION analytics.setting_number(name text) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT (analytics.setting(name) #>> '{}')::numeric
$function$;
