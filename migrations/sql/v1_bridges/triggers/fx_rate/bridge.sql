-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.fx_rate
FOR EACH ROW WHEN ((
    (NEW.from_ccy <> upper(NEW.from_ccy))
    OR (NEW.to_ccy <> upper(NEW.to_ccy))
    OR (nullif(btrim(NEW.source), '') IS NULL)
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_fx_rate();
