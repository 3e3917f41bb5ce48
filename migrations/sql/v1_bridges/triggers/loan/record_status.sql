-- owner: lending
-- description: Records a new loan's status
CREATE TRIGGER record_status AFTER INSERT ON public.loan
FOR EACH ROW EXECUTE FUNCTION ops.record_loan_status();
