-- owner: finance
-- description: A changed row is in the currency of what it belongs to; rows that were wrong before may change otherwise
CREATE TRIGGER check_currency_change AFTER UPDATE ON public.collections_event
FOR EACH ROW WHEN (NEW.currency_code IS DISTINCT FROM OLD.currency_code OR NEW.loan_id IS DISTINCT FROM OLD.loan_id)
EXECUTE FUNCTION ops.check_currency();
