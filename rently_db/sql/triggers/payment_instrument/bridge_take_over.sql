-- owner: platform
-- description: Clears the former default instrument when another becomes the default
CREATE TRIGGER bridge_take_over BEFORE INSERT OR UPDATE OF is_default, is_active, currency_code, party_id ON public.payment_instrument
FOR EACH ROW WHEN (coalesce(current_setting('rently.bridge', true), '') <> 'off')
EXECUTE FUNCTION ops.take_over_default();
