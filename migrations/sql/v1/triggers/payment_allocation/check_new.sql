-- owner: finance
-- description: Judges the allocations of a statement together
CREATE TRIGGER check_new AFTER INSERT ON public.payment_allocation
REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION ops.check_allocations();
