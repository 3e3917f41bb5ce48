-- owner: compliance
-- description: Limits of the regulatory reports, and the rate of the class below all thresholds
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('npl_ratio_limit_pct', '5', '2020-01-01', 'placeholder', true),
('provisioning_ratio_limit_pct', '10', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
INSERT INTO public.provision_rate (country_code, class, rate, valid_from, source, needs_signoff) VALUES
('SG', 'normal', 0.0000, '2020-01-01', 'placeholder', true),
('AE', 'normal', 0.0000, '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
