-- owner: platform
-- description: Begins a run of validations for who checks rule by rule, each with its own time; close_validation_run ends it
CREATE FUNCTION ops.open_validation_run(asked text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
INSERT INTO ops.validation_run (asked) VALUES (asked) RETURNING id
$function$;
