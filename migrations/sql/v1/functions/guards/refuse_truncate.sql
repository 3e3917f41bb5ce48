-- owner: finance
-- description: Refuses TRUNCATE on tables that hold money
CREATE FUNCTION ops.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_append_only',
        MESSAGE = format('%s is never truncated: it holds money or its evidence', TG_TABLE_NAME);
END
$function$;
