-- owner: platform
-- description: Repairs what a v0 application writes to ledger_account, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_ledger_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.ledger_account;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.type NOT IN ('asset', 'liability', 'equity', 'revenue', 'expense') AND NEW.type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.type)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.type NOT IN ('asset', 'liability', 'equity', 'revenue', 'expense') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_account' AND m.column_name = 'type' AND m.from_value = NEW.type) IS NOT NULL)
       OR (nullif(btrim(NEW.name), '') IS NULL)
       OR (NEW.code <> btrim(NEW.code))) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.type NOT IN ('asset', 'liability', 'equity', 'revenue', 'expense') AND NEW.type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.type)), '[\s-]+', '_', 'g'), '') THEN
        NEW.type := nullif(regexp_replace(lower(btrim(NEW.type)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'ledger_account_type_spelling'::text;
    END IF;
    IF NEW.type NOT IN ('asset', 'liability', 'equity', 'revenue', 'expense') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_account' AND m.column_name = 'type' AND m.from_value = NEW.type) IS NOT NULL THEN
        NEW.type := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_account' AND m.column_name = 'type' AND m.from_value = NEW.type);
        rules := rules || 'ledger_account_type_mapping'::text;
    END IF;
    IF nullif(btrim(NEW.name), '') IS NULL THEN
        NEW.name := 'Unknown';
        rules := rules || 'ledger_account_name_missing'::text;
    END IF;
    IF NEW.code <> btrim(NEW.code) THEN
        NEW.code := btrim(NEW.code);
        rules := rules || 'ledger_account_code_spelling'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.ledger_account AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('ledger_account', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
