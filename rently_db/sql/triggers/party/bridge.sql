-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.party
FOR EACH ROW WHEN ((
    (NEW.kind NOT IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor'))
    OR (nullif(btrim(NEW.display_name), '') IS NULL)
    OR (NEW.email <> lower(btrim(NEW.email)))
    OR (NEW.email IS NOT NULL AND NEW.email !~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$')
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_party();
