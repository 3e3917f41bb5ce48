-- owner: lending
-- description: Records every change of a loan's status
CREATE TRIGGER record_status_change AFTER UPDATE ON public.loan
FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status AND coalesce(current_setting('rently.origin', true), '') = '')
EXECUTE FUNCTION ops.record_loan_status();
