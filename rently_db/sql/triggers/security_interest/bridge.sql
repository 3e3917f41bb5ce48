-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.security_interest
FOR EACH ROW WHEN ((
    (NEW.type NOT IN ('property', 'vehicle', 'deposit', 'guarantee', 'other'))
    OR (NEW.value_ccy <> upper(NEW.value_ccy))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_security_interest();
