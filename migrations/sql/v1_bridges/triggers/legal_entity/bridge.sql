-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.legal_entity
FOR EACH ROW WHEN ((
    (NEW.functional_ccy <> upper(NEW.functional_ccy))
    OR (NEW.country_code <> upper(NEW.country_code))
    OR (nullif(btrim(NEW.name), '') IS NULL)
    OR (NEW.time_zone IS NULL AND NEW.country_code IN ('SG', 'AE'))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_legal_entity();
