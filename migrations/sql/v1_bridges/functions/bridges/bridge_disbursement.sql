-- owner: platform
-- description: Repairs what a v0 application writes to disbursement, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_disbursement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.disbursement;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled') AND NEW.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.status)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'disbursement' AND m.column_name = 'status' AND m.from_value = NEW.status) IS NOT NULL)
       OR (NEW.status IS NULL)
       OR (NEW.currency_code <> upper(NEW.currency_code))) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled') AND NEW.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.status)), '[\s-]+', '_', 'g'), '') THEN
        NEW.status := nullif(regexp_replace(lower(btrim(NEW.status)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'disbursement_status_spelling'::text;
    END IF;
    IF NEW.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'disbursement' AND m.column_name = 'status' AND m.from_value = NEW.status) IS NOT NULL THEN
        NEW.status := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'disbursement' AND m.column_name = 'status' AND m.from_value = NEW.status);
        rules := rules || 'disbursement_status_mapping'::text;
    END IF;
    IF NEW.status IS NULL THEN
        NEW.status := 'pending';
        rules := rules || 'disbursement_status_missing'::text;
    END IF;
    IF NEW.currency_code <> upper(NEW.currency_code) THEN
        NEW.currency_code := upper(NEW.currency_code);
        rules := rules || 'disbursement_currency_code_case'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.disbursement AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('disbursement', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
