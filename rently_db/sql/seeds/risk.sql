-- owner: risk
-- description: Thresholds of the risk views
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('concentration_borrower_pct', '1', '2020-01-01', 'placeholder', true),
('concentration_agent_pct', '5', '2020-01-01', 'placeholder', true),
('concentration_high_pct', '50', '2020-01-01', 'placeholder', true),
('concentration_medium_pct', '25', '2020-01-01', 'placeholder', true),
('concentration_low_pct', '10', '2020-01-01', 'placeholder', true),
('currency_risk_high_pct', '30', '2020-01-01', 'placeholder', true),
('currency_risk_medium_pct', '15', '2020-01-01', 'placeholder', true),
('currency_hedging_pct', '20', '2020-01-01', 'placeholder', true),
('counterparty_high_dpd', '90', '2020-01-01', 'placeholder', true),
('counterparty_medium_dpd', '30', '2020-01-01', 'placeholder', true),
('counterparty_on_time_pct', '80', '2020-01-01', 'placeholder', true),
('large_exposure_pct', '10', '2020-01-01', 'placeholder', true),
('first_payment_default_days', '30', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
