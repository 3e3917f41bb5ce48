-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.payment_allocation
FOR EACH ROW WHEN ((
    (NEW.component NOT IN ('principal', 'rc_fee', 'penalty', 'interest', 'other'))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_payment_allocation();
