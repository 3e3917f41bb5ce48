-- owner: finance
-- description: Keeps a plan with its loan once money is allocated to it
CREATE TRIGGER check_parentage AFTER UPDATE ON public.amortisation_plan
FOR EACH ROW WHEN (NEW.loan_id IS DISTINCT FROM OLD.loan_id)
EXECUTE FUNCTION ops.check_parentage();
