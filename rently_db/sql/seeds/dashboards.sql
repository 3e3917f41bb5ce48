-- owner: platform
-- description: Targets that dashboards show beside their figures: below, above, or from and to, in the unit of the figure. And the weight of each
--     bucket in the health score
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('target_residential_share', '{"from": 65, "to": 75}', '2020-01-01', 'Rently dashboards: 70/30 residential, give or take 5', true),
('target_default_rate_count', '{"below": 5}', '2020-01-01', 'Rently dashboards', false),
('target_default_rate_amount', '{"below": 3}', '2020-01-01', 'Rently dashboards', false),
('target_write_off_rate', '{"below": 2}', '2020-01-01', 'Rently dashboards', false),
('target_collected_of_expected', '{"above": 90}', '2020-01-01', 'Rently dashboards', false),
('target_collection_efficiency', '{"above": 85}', '2020-01-01', 'Rently dashboards', false),
('target_on_time_rate', '{"above": 80}', '2020-01-01', 'Rently dashboards', false),
('target_days_late', '{"below": 15}', '2020-01-01', 'Rently dashboards', false),
('target_fx_exposure', '{"below": 30}', '2020-01-01', 'Rently dashboards', false),
('target_recovery_rate', '{"above": 60}', '2020-01-01', 'Rently dashboards', false),
('target_resolution_days', '{"below": 90}', '2020-01-01', 'Rently dashboards', false),
('target_call_success', '{"above": 40}', '2020-01-01', 'Rently dashboards', false),
('target_legal_action_share', '{"below": 10}', '2020-01-01', 'Rently dashboards', false),
('target_substandard_share', '{"below": 5}', '2020-01-01', 'Rently dashboards', false),
('target_progression_rate', '{"below": 50}', '2020-01-01', 'Rently dashboards', false),
('target_health_score', '{"above": 80}', '2020-01-01', 'placeholder', true),
('target_provisioning_ratio', '{"below": 10}', '2020-01-01', 'placeholder, as provisioning_ratio_limit_pct', true),
('target_performing_rate', '{"above": 90}', '2020-01-01', 'Rently dashboards', false),
('target_past_due_31_share', '{"below": 10}', '2020-01-01', 'Rently dashboards', false),
('target_largest_product_share', '{"below": 50}', '2020-01-01', 'Rently dashboards', false),
('target_top_10_borrowers_share', '{"below": 20}', '2020-01-01', 'Rently dashboards', false),
('target_largest_country_share', '{"below": 60}', '2020-01-01', 'Rently dashboards', false),
('target_approval_rate', '{"from": 60, "to": 80}', '2020-01-01', 'Rently dashboards', false),
('target_conversion_rate', '{"above": 90}', '2020-01-01', 'Rently dashboards', false),
('target_days_to_disburse', '{"below": 7}', '2020-01-01', 'Rently dashboards', false),
('target_early_default_rate', '{"below": 2}', '2020-01-01', 'Rently dashboards', false),
('target_default_rate', '{"below": 5}', '2020-01-01', 'Rently dashboards', false),
('target_loss_rate', '{"below": 2}', '2020-01-01', 'Rently dashboards', false),
(
    'health_score_weights',
    '{"Current": 0, "1-7 DPD": 0.1, "8-30 DPD": 0.25, "31-60 DPD": 0.5, "61-90 DPD": 0.75, "91-180 DPD": 1, "180+ DPD": 1}',
    '2020-01-01', 'placeholder', true
),
('target_limit_breaches', '{"below": 1}', '2020-01-01', 'Rently dashboards', false),
('target_bad_rates', '{"below": 1}', '2020-01-01', 'Rently dashboards', false),
('target_open_signoffs', '{"below": 1}', '2020-01-01', 'Rently dashboards', false),
('target_npl_ratio', '{"below": 5}', '2020-01-01', 'Rently dashboards', false)
ON CONFLICT DO NOTHING;
