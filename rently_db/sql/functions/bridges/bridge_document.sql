-- owner: platform
-- description: Repairs what a v0 application writes to document, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_document() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.document;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.kind NOT IN ('application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation', 'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other') AND NEW.kind IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.kind)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.kind NOT IN ('application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation', 'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document' AND m.column_name = 'kind' AND m.from_value = NEW.kind) IS NOT NULL)
       OR (nullif(btrim(NEW.title), '') IS NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.kind NOT IN ('application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation', 'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other') AND NEW.kind IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.kind)), '[\s-]+', '_', 'g'), '') THEN
        NEW.kind := nullif(regexp_replace(lower(btrim(NEW.kind)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'document_kind_spelling'::text;
    END IF;
    IF NEW.kind NOT IN ('application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation', 'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document' AND m.column_name = 'kind' AND m.from_value = NEW.kind) IS NOT NULL THEN
        NEW.kind := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document' AND m.column_name = 'kind' AND m.from_value = NEW.kind);
        rules := rules || 'document_kind_mapping'::text;
    END IF;
    IF nullif(btrim(NEW.title), '') IS NULL THEN
        NEW.title := 'Untitled Document';
        rules := rules || 'document_title_missing'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.document AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('document', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
