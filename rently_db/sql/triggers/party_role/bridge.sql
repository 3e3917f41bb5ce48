-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.party_role
FOR EACH ROW WHEN ((
    (NEW.role NOT IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent'))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_party_role();
