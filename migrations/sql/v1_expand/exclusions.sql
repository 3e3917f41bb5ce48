-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: exclusion analytics_setting analytics_setting_no_overlap
ALTER TABLE public.analytics_setting ADD CONSTRAINT analytics_setting_no_overlap EXCLUDE USING gist (key WITH =, daterange(valid_from, valid_through) WITH &&);

--: exclusion classification_rule classification_rule_no_overlap
ALTER TABLE public.classification_rule ADD CONSTRAINT classification_rule_no_overlap EXCLUDE USING gist (country_code WITH =, class WITH =, daterange(valid_from, valid_through) WITH &&);

--: exclusion dpd_bucket dpd_bucket_no_overlap
ALTER TABLE public.dpd_bucket ADD CONSTRAINT dpd_bucket_no_overlap EXCLUDE USING gist (scheme WITH =, days WITH &&, daterange(valid_from, valid_through) WITH &&);

--: exclusion provision_rate provision_rate_no_overlap
ALTER TABLE public.provision_rate ADD CONSTRAINT provision_rate_no_overlap EXCLUDE USING gist (country_code WITH =, coalesce(product_category, '') WITH =, class WITH =, daterange(valid_from, valid_through) WITH &&);

--: exclusion product_limit product_limit_no_overlap
ALTER TABLE public.product_limit ADD CONSTRAINT product_limit_no_overlap EXCLUDE USING gist (coalesce(product_id::text, product_category) WITH =, country_code WITH =, daterange(valid_from, valid_through) WITH &&);

--: exclusion status_transition status_transition_no_overlap
ALTER TABLE public.status_transition ADD CONSTRAINT status_transition_no_overlap EXCLUDE USING gist (entity WITH =, status_type WITH =, coalesce("from", '') WITH =, "to" WITH =, daterange(valid_from, valid_through) WITH &&);

--: exclusion loan_status_history loan_status_history_no_overlap
ALTER TABLE public.loan_status_history ADD CONSTRAINT loan_status_history_no_overlap EXCLUDE USING gist (loan_id WITH =, status_type WITH =, tstzrange(effective_from, effective_through) WITH &&);
