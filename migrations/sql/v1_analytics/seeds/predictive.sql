-- owner: data_science
-- description: Thresholds and fallbacks of the predictive reports
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('risk_score_high_dpd', '90', '2020-01-01', 'placeholder', true),
('risk_score_medium_dpd', '30', '2020-01-01', 'placeholder', true),
('risk_score_medium_days_late', '10', '2020-01-01', 'placeholder', true),
('psi_share_floor', '0.0001', '2020-01-01', 'placeholder', true),
('psi_moderate', '0.10', '2020-01-01', 'placeholder', true),
('psi_major', '0.25', '2020-01-01', 'placeholder', true),
('pd_minimum_observations', '100', '2020-01-01', 'placeholder', true),
(
    'pd_default_by_bucket',
    '{"Current": 0.01, "1-7 DPD": 0.03, "8-30 DPD": 0.08, "31-60 DPD": 0.25, "61-90 DPD": 0.50, "91-180 DPD": 1, "180+ DPD": 1}',
    '2020-01-01', 'placeholder', true
),
('lgd_workout_months', '12', '2020-01-01', 'placeholder', true),
('lgd_minimum_defaults', '30', '2020-01-01', 'placeholder', true),
('lgd_default', '0.45', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
