-- owner: platform
-- description: Repairs what a v0 application writes to legal_entity, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_legal_entity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.legal_entity;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.functional_ccy <> upper(NEW.functional_ccy))
       OR (NEW.country_code <> upper(NEW.country_code))
       OR (nullif(btrim(NEW.name), '') IS NULL)
       OR (NEW.time_zone IS NULL AND NEW.country_code IN ('SG', 'AE'))) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.functional_ccy <> upper(NEW.functional_ccy) THEN
        NEW.functional_ccy := upper(NEW.functional_ccy);
        rules := rules || 'legal_entity_functional_ccy_case'::text;
    END IF;
    IF NEW.country_code <> upper(NEW.country_code) THEN
        NEW.country_code := upper(NEW.country_code);
        rules := rules || 'legal_entity_country_code_case'::text;
    END IF;
    IF nullif(btrim(NEW.name), '') IS NULL THEN
        NEW.name := 'Unknown';
        rules := rules || 'legal_entity_name_missing'::text;
    END IF;
    IF NEW.time_zone IS NULL AND NEW.country_code IN ('SG', 'AE') THEN
        NEW.time_zone := CASE NEW.country_code WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' END;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.legal_entity AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('legal_entity', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
