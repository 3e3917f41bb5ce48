-- owner: platform
-- description: How long a query takes, in milliseconds, the second time it is run
CREATE FUNCTION ops.milliseconds_of(query text) RETURNS numeric
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    began timestamptz;
BEGIN
    EXECUTE query;
    began := clock_timestamp();
    EXECUTE query;
    RETURN 1000 * extract(EPOCH FROM clock_timestamp() - began);
END
$function$;
