-- owner: platform
-- description: Repairs what a v0 application writes to party, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_party() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.party;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.kind NOT IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor') AND NEW.kind IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.kind)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.kind NOT IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party' AND m.column_name = 'kind' AND m.from_value = NEW.kind) IS NOT NULL)
       OR (nullif(btrim(NEW.display_name), '') IS NULL)
       OR (NEW.email <> lower(btrim(NEW.email)))
       OR (NEW.email IS NOT NULL AND NEW.email !~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$')) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.kind NOT IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor') AND NEW.kind IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.kind)), '[\s-]+', '_', 'g'), '') THEN
        NEW.kind := nullif(regexp_replace(lower(btrim(NEW.kind)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'party_kind_spelling'::text;
    END IF;
    IF NEW.kind NOT IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party' AND m.column_name = 'kind' AND m.from_value = NEW.kind) IS NOT NULL THEN
        NEW.kind := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party' AND m.column_name = 'kind' AND m.from_value = NEW.kind);
        rules := rules || 'party_kind_mapping'::text;
    END IF;
    IF nullif(btrim(NEW.display_name), '') IS NULL THEN
        NEW.display_name := 'Unknown';
        rules := rules || 'party_display_name_missing'::text;
    END IF;
    IF NEW.email <> lower(btrim(NEW.email)) THEN
        NEW.email := lower(btrim(NEW.email));
        rules := rules || 'party_email_spelling'::text;
    END IF;
    IF NEW.email IS NOT NULL AND NEW.email !~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$' THEN
        NEW.email := NULL;
        rules := rules || 'party_email_no_address'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.party AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('party', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
