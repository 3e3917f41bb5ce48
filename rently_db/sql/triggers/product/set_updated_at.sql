-- owner: platform
-- description: Keeps updated_at
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.product
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
EXECUTE FUNCTION ops.set_updated_at();
