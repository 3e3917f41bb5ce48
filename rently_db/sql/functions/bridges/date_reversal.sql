-- owner: platform
-- description: A payment set to reversed without a moment is reversed now: a reversal is a dated event
CREATE FUNCTION ops.date_reversal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    NEW.reversed_at := clock_timestamp();
    RETURN NEW;
END
$function$;
