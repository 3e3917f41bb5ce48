-- owner: compliance
-- description: Refuses an exemption from a rule that does not exist: it would silence nothing, and nobody would notice
CREATE FUNCTION ops.exemption_names_a_rule() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM ops.rule_catalogue AS k WHERE k.rule = NEW.rule) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object', MESSAGE = format('there is no rule %L', NEW.rule),
            HINT = 'SELECT rule, description FROM ops.rule_catalogue lists them.';
    END IF;
    RETURN NULL;
END
$function$;
