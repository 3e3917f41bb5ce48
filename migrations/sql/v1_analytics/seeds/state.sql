-- owner: risk
-- description: How long snapshots are kept of days that are no month-ends
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('snapshot_days', '90', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
