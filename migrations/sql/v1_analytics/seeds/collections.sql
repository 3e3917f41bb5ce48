-- owner: collections
-- description: Buckets that a case enters as it ages, how long a promise to pay may take, how far back cases are shown
INSERT INTO public.dpd_bucket (scheme, label, sort, days, valid_from, source, needs_signoff) VALUES
('collections_entry', '1-30 DPD', 0, int4range(1, 31), '2020-01-01', 'Rently reporting', false),
('collections_entry', '31-60 DPD', 1, int4range(31, 61), '2020-01-01', 'Rently reporting', false),
('collections_entry', '61-90 DPD', 2, int4range(61, 91), '2020-01-01', 'Rently reporting', false),
('collections_entry', '90+ DPD', 3, int4range(91, null), '2020-01-01', 'Rently reporting', false)
ON CONFLICT DO NOTHING;
INSERT INTO public.analytics_setting (key, value, valid_from, source, needs_signoff) VALUES
('promise_days', '7', '2020-01-01', 'placeholder', true),
('collections_history_months', '24', '2020-01-01', 'Rently reporting', false)
ON CONFLICT DO NOTHING;
