-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.ledger_account
FOR EACH ROW WHEN ((
    (NEW.type NOT IN ('asset', 'liability', 'equity', 'revenue', 'expense'))
    OR (nullif(btrim(NEW.name), '') IS NULL)
    OR (NEW.code <> btrim(NEW.code))
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_ledger_account();
