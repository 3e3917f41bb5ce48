-- owner: platform
-- description: Repairs what a v0 application writes to product, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_product() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.product;
    rules text[] := '{}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ((nullif(btrim(NEW.name), '') IS NULL)
       OR (NEW.code <> upper(btrim(NEW.code)))
       OR (NEW.category IS NULL)
       OR (NEW.business_unit IS NULL)) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
    IF nullif(btrim(NEW.name), '') IS NULL THEN
        NEW.name := 'Unknown';
        rules := rules || 'product_name_missing'::text;
    END IF;
    IF NEW.code <> upper(btrim(NEW.code)) THEN
        NEW.code := upper(btrim(NEW.code));
        rules := rules || 'product_code_spelling'::text;
    END IF;
    IF NEW.category IS NULL THEN
        NEW.category := CASE WHEN starts_with(NEW.code, 'RC_D2C') THEN 'rently_care_d2c' WHEN starts_with(NEW.code, 'RCAR_D2C') THEN 'rently_care_d2c' WHEN starts_with(NEW.code, 'RC_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(NEW.code, 'RCAR_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(NEW.code, 'B2B_SME') THEN 'b2b_sme' WHEN starts_with(NEW.code, 'RNPL_UAE') THEN 'rnpl_uae' ELSE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = NEW.code) END;
    END IF;
    IF NEW.business_unit IS NULL THEN
        NEW.business_unit := CASE WHEN starts_with(NEW.code, 'RC_D2C') THEN 'residential' WHEN starts_with(NEW.code, 'RCAR_D2C') THEN 'residential' WHEN starts_with(NEW.code, 'RC_COLLAB') THEN 'residential' WHEN starts_with(NEW.code, 'RCAR_COLLAB') THEN 'residential' WHEN starts_with(NEW.code, 'B2B_SME') THEN 'commercial' WHEN starts_with(NEW.code, 'RNPL_UAE') THEN 'residential' ELSE CASE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = NEW.code) WHEN 'rently_care_d2c' THEN 'residential' WHEN 'rently_care_collaborative' THEN 'residential' WHEN 'b2b_sme' THEN 'commercial' WHEN 'rnpl_uae' THEN 'residential' END END;
    END IF;
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.product AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('product', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
