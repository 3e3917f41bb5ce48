-- owner: finance
-- description: A new row is in the currency of what it belongs to
CREATE TRIGGER check_currency AFTER INSERT ON public.amortisation_line
FOR EACH ROW EXECUTE FUNCTION ops.check_currency();
