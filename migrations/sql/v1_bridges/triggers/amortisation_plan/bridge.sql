-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.amortisation_plan
FOR EACH ROW WHEN ((
    (NEW.status NOT IN ('active', 'superseded', 'cancelled'))
    OR (NEW.status IS NULL)
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_amortisation_plan();
