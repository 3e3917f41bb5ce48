-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.payment_instrument
FOR EACH ROW WHEN ((
    (NEW.instrument_type NOT IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet'))
    OR (NEW.currency_code <> upper(NEW.currency_code))
    OR (NEW.is_default IS NULL)
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_payment_instrument();
