-- owner: finance
-- description: A new row is in the currency of what it belongs to
CREATE TRIGGER check_currency AFTER INSERT ON public.ledger_entry
FOR EACH ROW EXECUTE FUNCTION ops.check_currency();
