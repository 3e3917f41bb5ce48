-- owner: platform
-- description: Repairs what a v0 application writes to party_role, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_party_role() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.party_role;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((NEW.role NOT IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent') AND NEW.role IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.role)), '[\s-]+', '_', 'g'), ''))
       OR (NEW.role NOT IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party_role' AND m.column_name = 'role' AND m.from_value = NEW.role) IS NOT NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF NEW.role NOT IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent') AND NEW.role IS DISTINCT FROM nullif(regexp_replace(lower(btrim(NEW.role)), '[\s-]+', '_', 'g'), '') THEN
        NEW.role := nullif(regexp_replace(lower(btrim(NEW.role)), '[\s-]+', '_', 'g'), '');
        rules := rules || 'party_role_role_spelling'::text;
    END IF;
    IF NEW.role NOT IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party_role' AND m.column_name = 'role' AND m.from_value = NEW.role) IS NOT NULL THEN
        NEW.role := (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party_role' AND m.column_name = 'role' AND m.from_value = NEW.role);
        rules := rules || 'party_role_role_mapping'::text;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.party_role AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('party_role', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
