-- owner: platform
-- description: Notes when a row was last changed
CREATE FUNCTION ops.set_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$function$;
