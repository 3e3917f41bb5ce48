-- owner: platform
-- description: Repairs what a v0 application writes to document_link, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_document_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.document_link;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.entity_type NOT IN ('application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest') AND NEW.entity_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.entity_type)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.entity_type NOT IN ('application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document_link' AND m.column_name = 'entity_type' AND m.from_value = NEW.entity_type) IS NOT NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.entity_type NOT IN ('application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest') AND NEW.entity_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.entity_type)), '[\s-]+', '_', 'g'), '') THEN
        NEW.entity_type := nullif(regexp_replace(lower(btrim(NEW.entity_type)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'document_link_entity_type_spelling'::text;
    END IF;
    IF NEW.entity_type NOT IN ('application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document_link' AND m.column_name = 'entity_type' AND m.from_value = NEW.entity_type) IS NOT NULL THEN
        NEW.entity_type := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document_link' AND m.column_name = 'entity_type' AND m.from_value = NEW.entity_type);
        rules := rules || 'document_link_entity_type_mapping'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.document_link AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('document_link', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
