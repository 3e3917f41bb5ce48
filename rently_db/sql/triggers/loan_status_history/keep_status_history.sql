-- owner: lending
-- description: Closes the open status when a new one begins
CREATE TRIGGER keep_status_history BEFORE INSERT ON public.loan_status_history
FOR EACH ROW WHEN (coalesce(current_setting('rently.bridge', true), '') <> 'off')
EXECUTE FUNCTION ops.keep_status_history();
