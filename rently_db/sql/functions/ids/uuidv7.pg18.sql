-- owner: platform
-- servers: 180000-
-- description: A new time-ordered id (UUID version 7); the name that every version of the server knows
CREATE FUNCTION public.uuidv7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $function$
SELECT pg_catalog.uuidv7()
$function$;
