-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.disbursement
FOR EACH ROW WHEN ((
    (NEW.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled'))
    OR (NEW.status IS NULL)
    OR (NEW.currency_code <> upper(NEW.currency_code))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_disbursement();
