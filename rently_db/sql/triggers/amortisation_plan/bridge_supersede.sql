-- owner: platform
-- description: Supersedes the loan's active plan when another becomes active
CREATE TRIGGER bridge_supersede BEFORE INSERT OR UPDATE OF status ON public.amortisation_plan
FOR EACH ROW WHEN (coalesce(current_setting('rently.bridge', true), '') <> 'off')
EXECUTE FUNCTION ops.supersede_plan();
