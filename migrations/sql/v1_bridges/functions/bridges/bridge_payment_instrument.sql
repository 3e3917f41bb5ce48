-- owner: platform
-- description: Repairs what a v0 application writes to payment_instrument, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_payment_instrument() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.payment_instrument;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.instrument_type NOT IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet') AND NEW.instrument_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.instrument_type)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.instrument_type NOT IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_instrument' AND m.column_name = 'instrument_type' AND m.from_value = NEW.instrument_type) IS NOT NULL)
       OR (NEW.currency_code <> upper(NEW.currency_code))
       OR (NEW.is_default IS NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.instrument_type NOT IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet') AND NEW.instrument_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.instrument_type)), '[\s-]+', '_', 'g'), '') THEN
        NEW.instrument_type := nullif(regexp_replace(lower(btrim(NEW.instrument_type)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'payment_instrument_instrument_type_spelling'::text;
    END IF;
    IF NEW.instrument_type NOT IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_instrument' AND m.column_name = 'instrument_type' AND m.from_value = NEW.instrument_type) IS NOT NULL THEN
        NEW.instrument_type := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_instrument' AND m.column_name = 'instrument_type' AND m.from_value = NEW.instrument_type);
        rules := rules || 'payment_instrument_instrument_type_mapping'::text;
    END IF;
    IF NEW.currency_code <> upper(NEW.currency_code) THEN
        NEW.currency_code := upper(NEW.currency_code);
        rules := rules || 'payment_instrument_currency_code_case'::text;
    END IF;
    IF NEW.is_default IS NULL THEN
        NEW.is_default := false;
        rules := rules || 'payment_instrument_is_default_missing'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.payment_instrument AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('payment_instrument', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
