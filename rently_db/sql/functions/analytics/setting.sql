-- owner: platform
-- description: The value of a setting of the figures on the business date of UTC, NULL if there is none
CREATE FUNCTION analytics.setting(name text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT s.value
FROM public.analytics_setting AS s
WHERE s.key = name AND analytics.business_date('UTC') >= s.valid_from AND (s.valid_through IS NULL OR analytics.business_date('UTC') < s.valid_through)
$function$;
