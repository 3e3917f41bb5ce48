-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.application
FOR EACH ROW WHEN ((
    (NEW.status NOT IN ('submitted', 'under_review', 'approved', 'rejected', 'withdrawn'))
    OR (NEW.status IS NULL)
    OR (NEW.requested_currency <> upper(NEW.requested_currency))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_application();
