-- owner: risk
-- description: Settings that the base figures need
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('non_performing_classes', '["substandard", "doubtful", "loss"]', '2020-01-01', 'placeholder', true),
('obligor_materiality_pct', '0.05', '2020-01-01', 'placeholder', true),
('stage_2_days', '30', '2020-01-01', 'placeholder', true),
('fx_source_priority', '[]', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
