-- owner: platform
-- description: Repairs what a v0 application writes to amortisation_plan, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_amortisation_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.amortisation_plan;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.status NOT IN ('active', 'superseded', 'cancelled') AND NEW.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.status)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.status NOT IN ('active', 'superseded', 'cancelled') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'amortisation_plan' AND m.column_name = 'status' AND m.from_value = NEW.status) IS NOT NULL)
       OR (NEW.status IS NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.status NOT IN ('active', 'superseded', 'cancelled') AND NEW.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.status)), '[\s-]+', '_', 'g'), '') THEN
        NEW.status := nullif(regexp_replace(lower(btrim(NEW.status)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'amortisation_plan_status_spelling'::text;
    END IF;
    IF NEW.status NOT IN ('active', 'superseded', 'cancelled') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'amortisation_plan' AND m.column_name = 'status' AND m.from_value = NEW.status) IS NOT NULL THEN
        NEW.status := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'amortisation_plan' AND m.column_name = 'status' AND m.from_value = NEW.status);
        rules := rules || 'amortisation_plan_status_mapping'::text;
    END IF;
    IF NEW.status IS NULL THEN
        NEW.status := 'active';
        rules := rules || 'amortisation_plan_status_missing'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.amortisation_plan AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('amortisation_plan', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
