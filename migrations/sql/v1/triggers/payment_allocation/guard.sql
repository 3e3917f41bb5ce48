-- owner: finance
-- description: Keeps allocations append-only
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON public.payment_allocation
FOR EACH ROW EXECUTE FUNCTION ops.guard_allocation();
