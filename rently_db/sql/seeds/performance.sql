-- owner: product
-- description: Settings of the performance views
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('vintage_minimum_loans', '100', '2020-01-01', 'placeholder', true),
('re_default_months', '6', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
