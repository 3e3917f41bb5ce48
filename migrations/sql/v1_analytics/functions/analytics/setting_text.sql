-- owner: platform
-- description: A setting of the figures as text, NULL if there is none
CREATE FUNCTION analytics.setting_text(name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT analytics.setting(name) #>> '{}'
$function$;
