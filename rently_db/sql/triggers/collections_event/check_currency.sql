-- owner: finance
-- description: New rows are in the currency of what they belong to
CREATE TRIGGER check_currency AFTER INSERT ON public.collections_event
REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION ops.check_new_currency();
