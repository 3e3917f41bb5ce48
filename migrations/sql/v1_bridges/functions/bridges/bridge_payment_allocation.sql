-- owner: platform
-- description: Repairs what a v0 application writes to payment_allocation, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_payment_allocation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.payment_allocation;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.component NOT IN ('principal', 'rc_fee', 'penalty', 'interest', 'other') AND NEW.component IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.component)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.component NOT IN ('principal', 'rc_fee', 'penalty', 'interest', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_allocation' AND m.column_name = 'component' AND m.from_value = NEW.component) IS NOT NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.component NOT IN ('principal', 'rc_fee', 'penalty', 'interest', 'other') AND NEW.component IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.component)), '[\s-]+', '_', 'g'), '') THEN
        NEW.component := nullif(regexp_replace(lower(btrim(NEW.component)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'payment_allocation_component_spelling'::text;
    END IF;
    IF NEW.component NOT IN ('principal', 'rc_fee', 'penalty', 'interest', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_allocation' AND m.column_name = 'component' AND m.from_value = NEW.component) IS NOT NULL THEN
        NEW.component := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_allocation' AND m.column_name = 'component' AND m.from_value = NEW.component);
        rules := rules || 'payment_allocation_component_mapping'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.payment_allocation AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('payment_allocation', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
