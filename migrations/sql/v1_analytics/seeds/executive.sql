-- owner: finance
-- description: What growth is high and what is moderate: originated this month as a share of the active portfolio
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('growth_high', '0.05', '2020-01-01', 'Rently reporting', false),
('growth_moderate', '0.02', '2020-01-01', 'Rently reporting', false)
ON CONFLICT DO NOTHING;
