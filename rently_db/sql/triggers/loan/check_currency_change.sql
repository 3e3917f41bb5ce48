-- owner: finance
-- description: Judges another currency against the loan's money
CREATE TRIGGER check_currency_change AFTER UPDATE ON public.loan
FOR EACH ROW WHEN (NEW.currency_code IS DISTINCT FROM OLD.currency_code)
EXECUTE FUNCTION ops.check_loan_currency();
