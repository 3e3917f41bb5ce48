-- owner: treasury
-- description: Which accounts and days the reports on currencies and the ledger look at
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('loan_receivable_account_codes', '["1100"]', '2020-01-01', 'placeholder', true),
('monetary_account_types', '["asset", "liability"]', '2020-01-01', 'placeholder', true),
('fx_rate_daily_days', '400', '2020-01-01', 'placeholder', true),
('fx_volatility_days', '90', '2020-01-01', 'placeholder', true),
('fx_volatility_high_pct', '10', '2020-01-01', 'placeholder', true),
('fx_volatility_medium_pct', '5', '2020-01-01', 'placeholder', true)
ON CONFLICT DO NOTHING;
