-- owner: platform
-- description: How long the upkeep of the views is remembered
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('refresh_log_days', '90', '2020-01-01', 'placeholder', false)
ON CONFLICT DO NOTHING;
