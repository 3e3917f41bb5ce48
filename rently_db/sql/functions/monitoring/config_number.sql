-- owner: platform
-- description: A setting of the monitoring as a number, the given one where there is none
CREATE FUNCTION ops.config_number(name text, otherwise numeric) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT coalesce((SELECT (c.value #>> '{}')::numeric FROM ops.monitoring_config AS c WHERE c.key = name), otherwise)
$function$;
