-- owner: finance
-- description: Which accounts make up the result of a product, and how long around its end a lease may be renewed
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('interest_income_account_codes', '["4100"]', '2020-01-01', 'placeholder', true),
('fee_income_account_codes', '["4000"]', '2020-01-01', 'placeholder', true),
('provision_account_codes', '["5100"]', '2020-01-01', 'placeholder', true),
('loss_account_codes', '["5000"]', '2020-01-01', 'placeholder', true),
('lease_renewal_window_days', '60', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
