-- owner: platform
-- description: Repairs what a v0 application writes to ledger_entry, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_ledger_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.ledger_entry;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.side NOT IN ('debit', 'credit') AND NEW.side IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.side)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.side NOT IN ('debit', 'credit') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_entry' AND m.column_name = 'side' AND m.from_value = NEW.side) IS NOT NULL)
       OR (NEW.currency_code <> upper(NEW.currency_code))) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.side NOT IN ('debit', 'credit') AND NEW.side IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.side)), '[\s-]+', '_', 'g'), '') THEN
        NEW.side := nullif(regexp_replace(lower(btrim(NEW.side)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'ledger_entry_side_spelling'::text;
    END IF;
    IF NEW.side NOT IN ('debit', 'credit') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_entry' AND m.column_name = 'side' AND m.from_value = NEW.side) IS NOT NULL THEN
        NEW.side := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_entry' AND m.column_name = 'side' AND m.from_value = NEW.side);
        rules := rules || 'ledger_entry_side_mapping'::text;
    END IF;
    IF NEW.currency_code <> upper(NEW.currency_code) THEN
        NEW.currency_code := upper(NEW.currency_code);
        rules := rules || 'ledger_entry_currency_code_case'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.ledger_entry AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('ledger_entry', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
