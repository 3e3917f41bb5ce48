-- owner: platform
-- description: Repairs what a v0 application writes to fx_rate, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_fx_rate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.fx_rate;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.from_ccy <> upper(NEW.from_ccy))
       OR (NEW.to_ccy <> upper(NEW.to_ccy))
       OR (nullif(btrim(NEW.source), '') IS NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.from_ccy <> upper(NEW.from_ccy) THEN
        NEW.from_ccy := upper(NEW.from_ccy);
        rules := rules || 'fx_rate_from_ccy_case'::text;
    END IF;
    IF NEW.to_ccy <> upper(NEW.to_ccy) THEN
        NEW.to_ccy := upper(NEW.to_ccy);
        rules := rules || 'fx_rate_to_ccy_case'::text;
    END IF;
    IF nullif(btrim(NEW.source), '') IS NULL THEN
        NEW.source := 'manual';
        rules := rules || 'fx_rate_source_missing'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.fx_rate AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('fx_rate', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
