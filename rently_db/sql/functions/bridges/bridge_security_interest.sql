-- owner: platform
-- description: Repairs what a v0 application writes to security_interest, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_security_interest() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.security_interest;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.type NOT IN ('property', 'vehicle', 'deposit', 'guarantee', 'other') AND NEW.type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.type)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.type NOT IN ('property', 'vehicle', 'deposit', 'guarantee', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'security_interest' AND m.column_name = 'type' AND m.from_value = NEW.type) IS NOT NULL)
       OR (NEW.value_ccy <> upper(NEW.value_ccy))) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.type NOT IN ('property', 'vehicle', 'deposit', 'guarantee', 'other') AND NEW.type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.type)), '[\s-]+', '_', 'g'), '') THEN
        NEW.type := nullif(regexp_replace(lower(btrim(NEW.type)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'security_interest_type_spelling'::text;
    END IF;
    IF NEW.type NOT IN ('property', 'vehicle', 'deposit', 'guarantee', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'security_interest' AND m.column_name = 'type' AND m.from_value = NEW.type) IS NOT NULL THEN
        NEW.type := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'security_interest' AND m.column_name = 'type' AND m.from_value = NEW.type);
        rules := rules || 'security_interest_type_mapping'::text;
    END IF;
    IF NEW.value_ccy <> upper(NEW.value_ccy) THEN
        NEW.value_ccy := upper(NEW.value_ccy);
        rules := rules || 'security_interest_value_ccy_case'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.security_interest AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('security_interest', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
