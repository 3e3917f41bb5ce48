-- owner: finance
-- description: Judges a smaller amount or another currency against the allocations
CREATE TRIGGER check_change AFTER UPDATE ON public.payment
FOR EACH ROW WHEN (NEW.amount < OLD.amount OR NEW.currency_code IS DISTINCT FROM OLD.currency_code)
EXECUTE FUNCTION ops.check_payment_change();
