-- owner: platform
-- description: Dates a reversal that came without a moment
CREATE TRIGGER bridge_reversal BEFORE INSERT OR UPDATE ON public.payment
FOR EACH ROW WHEN (NEW.status = 'reversed' AND NEW.reversed_at IS NULL)
EXECUTE FUNCTION ops.date_reversal();
