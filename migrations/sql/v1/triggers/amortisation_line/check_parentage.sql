-- owner: finance
-- description: Keeps a line with its plan once money is allocated to it
CREATE TRIGGER check_parentage AFTER UPDATE ON public.amortisation_line
FOR EACH ROW WHEN (NEW.plan_id IS DISTINCT FROM OLD.plan_id)
EXECUTE FUNCTION ops.check_parentage();
