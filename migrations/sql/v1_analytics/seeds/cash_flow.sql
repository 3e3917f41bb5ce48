-- owner: finance
-- description: Settings of the cash flow views
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('efficiency_window_days', '84', '2020-01-01', 'placeholder', true),
(
    'default_efficiency_by_bucket',
    '{"Current": 0.98, "1-7 DPD": 0.9, "8-30 DPD": 0.75, "31-60 DPD": 0.5, "61-90 DPD": 0.3, "91-180 DPD": 0.15, "180+ DPD": 0.05}',
    '2020-01-01',
    'placeholder',
    true
)
ON CONFLICT DO NOTHING;
