-- owner: platform
-- description: Repairs what a v0 application writes to collections_event, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_collections_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.collections_event;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.event_type NOT IN ('first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice', 'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted') AND NEW.event_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.event_type)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.event_type NOT IN ('first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice', 'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'collections_event' AND m.column_name = 'event_type' AND m.from_value = NEW.event_type) IS NOT NULL)
       OR (NEW.currency_code <> upper(NEW.currency_code))
       OR (NEW.dpd_snapshot IS NULL)
       OR (NEW.amount_involved = 0)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.event_type NOT IN ('first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice', 'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted') AND NEW.event_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.event_type)), '[\s-]+', '_', 'g'), '') THEN
        NEW.event_type := nullif(regexp_replace(lower(btrim(NEW.event_type)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'collections_event_event_type_spelling'::text;
    END IF;
    IF NEW.event_type NOT IN ('first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice', 'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'collections_event' AND m.column_name = 'event_type' AND m.from_value = NEW.event_type) IS NOT NULL THEN
        NEW.event_type := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'collections_event' AND m.column_name = 'event_type' AND m.from_value = NEW.event_type);
        rules := rules || 'collections_event_event_type_mapping'::text;
    END IF;
    IF NEW.currency_code <> upper(NEW.currency_code) THEN
        NEW.currency_code := upper(NEW.currency_code);
        rules := rules || 'collections_event_currency_code_case'::text;
    END IF;
    IF NEW.dpd_snapshot IS NULL THEN
        NEW.dpd_snapshot := 0;
        rules := rules || 'collections_event_dpd_snapshot_missing'::text;
    END IF;
    IF NEW.amount_involved = 0 THEN
        NEW.amount_involved := NULL;
        rules := rules || 'collections_event_amount_involved_zero'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.collections_event AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('collections_event', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
