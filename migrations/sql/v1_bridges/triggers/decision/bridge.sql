-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.decision
FOR EACH ROW WHEN ((
    (NEW.outcome NOT IN ('approved', 'rejected', 'conditional'))
    OR (NEW.approved_currency <> upper(NEW.approved_currency))
    OR (nullif(btrim(NEW.decided_by), '') IS NULL)
    OR (NEW.approved_amount IS NOT NULL AND NEW.outcome <> 'approved')
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_decision();
