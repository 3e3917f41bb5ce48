-- owner: platform
-- description: Lets v0 delete a loan that has no money yet
CREATE TRIGGER bridge_draft BEFORE DELETE ON public.loan
FOR EACH ROW EXECUTE FUNCTION ops.forget_draft_history();
