-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.amortisation_line
FOR EACH ROW WHEN ((
    (NEW.currency_code <> upper(NEW.currency_code))
    OR (NEW.amount_principal IS NULL)
    OR (NEW.amount_rc_fee IS NULL)
    OR (NEW.amount_penalty IS NULL)
    OR (NEW.amount_other IS NULL)
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_amortisation_line();
