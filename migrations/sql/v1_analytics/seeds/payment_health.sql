-- owner: risk
-- description: Risk categories by days past due, and what warns early and what an early default is
INSERT INTO public.dpd_bucket (scheme, label, sort, days, valid_from, source, needs_signoff) VALUES
('risk_category', 'Normal', 0, int4range(0, 1), '2020-01-01', 'Rently reporting', false),
('risk_category', 'Watch', 1, int4range(1, 31), '2020-01-01', 'Rently reporting', false),
('risk_category', 'Substandard', 2, int4range(31, 91), '2020-01-01', 'Rently reporting', false),
('risk_category', 'Doubtful', 3, int4range(91, 181), '2020-01-01', 'Rently reporting', false),
('risk_category', 'Loss', 4, int4range(181, null), '2020-01-01', 'Rently reporting', false)
ON CONFLICT DO NOTHING;
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('early_warning_window_days', '90', '2020-01-01', 'placeholder', true),
('early_warning_slip_days', '3', '2020-01-01', 'placeholder', true),
('early_warning_promise_days', '30', '2020-01-01', 'placeholder', true),
('fpd_days', '30', '2020-01-01', 'placeholder', true),
('epd_days', '90', '2020-01-01', 'placeholder', true),
('epd_months', '6', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
