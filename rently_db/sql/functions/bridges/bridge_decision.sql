-- owner: platform
-- description: Repairs what a v0 application writes to decision, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.decision;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.outcome NOT IN ('approved', 'rejected', 'conditional') AND NEW.outcome IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.outcome)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.outcome NOT IN ('approved', 'rejected', 'conditional') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'decision' AND m.column_name = 'outcome' AND m.from_value = NEW.outcome) IS NOT NULL)
       OR (NEW.approved_currency <> upper(NEW.approved_currency))
       OR (nullif(btrim(NEW.decided_by), '') IS NULL)
       OR (NEW.approved_amount IS NOT NULL AND NEW.outcome <> 'approved')) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.outcome NOT IN ('approved', 'rejected', 'conditional') AND NEW.outcome IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.outcome)), '[\s-]+', '_', 'g'), '') THEN
        NEW.outcome := nullif(regexp_replace(lower(btrim(NEW.outcome)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'decision_outcome_spelling'::text;
    END IF;
    IF NEW.outcome NOT IN ('approved', 'rejected', 'conditional') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'decision' AND m.column_name = 'outcome' AND m.from_value = NEW.outcome) IS NOT NULL THEN
        NEW.outcome := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'decision' AND m.column_name = 'outcome' AND m.from_value = NEW.outcome);
        rules := rules || 'decision_outcome_mapping'::text;
    END IF;
    IF NEW.approved_currency <> upper(NEW.approved_currency) THEN
        NEW.approved_currency := upper(NEW.approved_currency);
        rules := rules || 'decision_approved_currency_case'::text;
    END IF;
    IF nullif(btrim(NEW.decided_by), '') IS NULL THEN
        NEW.decided_by := 'Unknown';
        rules := rules || 'decision_decided_by_missing'::text;
    END IF;
    IF NEW.approved_amount IS NOT NULL AND NEW.outcome <> 'approved' THEN
        NEW.approved_amount := NULL;
        rules := rules || 'decision_approved_amount_without_approval'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.decision AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('decision', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
