-- owner: finance
-- description: Money is never truncated
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.payment
FOR EACH STATEMENT EXECUTE FUNCTION ops.refuse_truncate();
