-- owner: finance
-- description: Money is never truncated
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.payment_allocation
FOR EACH STATEMENT EXECUTE FUNCTION ops.refuse_truncate();
