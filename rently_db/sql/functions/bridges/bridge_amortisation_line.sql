-- owner: platform
-- description: Repairs what a v0 application writes to amortisation_line, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_amortisation_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.amortisation_line;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.currency_code <> upper(NEW.currency_code))
       OR (NEW.amount_principal IS NULL)
       OR (NEW.amount_rc_fee IS NULL)
       OR (NEW.amount_penalty IS NULL)
       OR (NEW.amount_other IS NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.currency_code <> upper(NEW.currency_code) THEN
        NEW.currency_code := upper(NEW.currency_code);
        rules := rules || 'amortisation_line_currency_code_case'::text;
    END IF;
    IF NEW.amount_principal IS NULL THEN
        NEW.amount_principal := 0;
        rules := rules || 'amortisation_line_amount_principal_missing'::text;
    END IF;
    IF NEW.amount_rc_fee IS NULL THEN
        NEW.amount_rc_fee := 0;
        rules := rules || 'amortisation_line_amount_rc_fee_missing'::text;
    END IF;
    IF NEW.amount_penalty IS NULL THEN
        NEW.amount_penalty := 0;
        rules := rules || 'amortisation_line_amount_penalty_missing'::text;
    END IF;
    IF NEW.amount_other IS NULL THEN
        NEW.amount_other := 0;
        rules := rules || 'amortisation_line_amount_other_missing'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.amortisation_line AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('amortisation_line', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
