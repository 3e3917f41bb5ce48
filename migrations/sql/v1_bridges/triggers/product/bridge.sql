-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.product
FOR EACH ROW WHEN ((
    (nullif(btrim(NEW.name), '') IS NULL)
    OR (NEW.code <> upper(btrim(NEW.code)))
    OR (NEW.category IS NULL)
    OR (NEW.business_unit IS NULL)
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_product();
