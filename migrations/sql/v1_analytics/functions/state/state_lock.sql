-- owner: platform
-- description: The advisory lock that whoever computes loan states holds: shared by workers, alone by who fills the tables
CREATE FUNCTION analytics.state_lock() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT 7203140583
$function$;
