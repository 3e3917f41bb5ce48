-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: table analytics_setting
CREATE TABLE public.analytics_setting (
    id uuid NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    valid_from date NOT NULL,
    valid_through date,
    source text NOT NULL,
    needs_signoff boolean NOT NULL,
    CONSTRAINT analytics_setting_pkey PRIMARY KEY (id),
    CONSTRAINT analytics_setting_dates_check CHECK (valid_through IS NULL OR valid_through > valid_from),
    CONSTRAINT analytics_setting_key_check CHECK (key ~ '^[a-z][a-z0-9_]*$')
);

--: table classification_rule
CREATE TABLE public.classification_rule (
    id uuid NOT NULL,
    country_code char(2) NOT NULL,
    "class" text NOT NULL,
    threshold_days integer NOT NULL,
    operator text NOT NULL,
    probation_days integer NOT NULL,
    valid_from date NOT NULL,
    valid_through date,
    source text NOT NULL,
    needs_signoff boolean NOT NULL,
    CONSTRAINT classification_rule_pkey PRIMARY KEY (id),
    CONSTRAINT classification_rule_class_check CHECK (class ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT classification_rule_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT classification_rule_dates_check CHECK (valid_through IS NULL OR valid_through > valid_from),
    CONSTRAINT classification_rule_operator_check CHECK (operator IN ('more_than', 'or_more')),
    CONSTRAINT classification_rule_probation_days_non_negative CHECK (probation_days >= 0),
    CONSTRAINT classification_rule_threshold_days_non_negative CHECK (threshold_days >= 0)
);

--: table currency
CREATE TABLE public.currency (
    code char(3) NOT NULL,
    name text NOT NULL,
    minor_units smallint NOT NULL,
    CONSTRAINT currency_pkey PRIMARY KEY (code),
    CONSTRAINT currency_code_check CHECK (code ~ '^[A-Z]{3}$'),
    CONSTRAINT currency_minor_units_check CHECK (minor_units BETWEEN 0 AND 4)
);

--: table dpd_bucket
CREATE TABLE public.dpd_bucket (
    id uuid NOT NULL,
    scheme text NOT NULL,
    label text NOT NULL,
    sort integer NOT NULL,
    days int4range NOT NULL,
    valid_from date NOT NULL,
    valid_through date,
    source text NOT NULL,
    needs_signoff boolean NOT NULL,
    CONSTRAINT dpd_bucket_pkey PRIMARY KEY (id),
    CONSTRAINT dpd_bucket_dates_check CHECK (valid_through IS NULL OR valid_through > valid_from),
    CONSTRAINT dpd_bucket_days_check CHECK (NOT isempty(days) AND NOT lower_inf(days) AND lower(days) >= 0),
    CONSTRAINT dpd_bucket_scheme_check CHECK (scheme ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT dpd_bucket_sort_non_negative CHECK (sort >= 0)
);

--: table provision_rate
CREATE TABLE public.provision_rate (
    id uuid NOT NULL,
    country_code char(2) NOT NULL,
    product_category text,
    "class" text NOT NULL,
    rate numeric NOT NULL,
    valid_from date NOT NULL,
    valid_through date,
    source text NOT NULL,
    needs_signoff boolean NOT NULL,
    CONSTRAINT provision_rate_pkey PRIMARY KEY (id),
    CONSTRAINT provision_rate_class_check CHECK (class ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT provision_rate_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT provision_rate_dates_check CHECK (valid_through IS NULL OR valid_through > valid_from),
    CONSTRAINT provision_rate_product_category_check CHECK (product_category IN ('rently_care_d2c', 'rently_care_collaborative', 'b2b_sme', 'rnpl_uae')),
    CONSTRAINT provision_rate_rate_at_most_all CHECK (rate <= 1),
    CONSTRAINT provision_rate_rate_is_rate CHECK (rate = round(rate, 4) AND rate >= 0 AND rate < 10)
);

--: table schema_version
CREATE TABLE public.schema_version (
    version text NOT NULL,
    applied_at timestamp with time zone,
    description text,
    CONSTRAINT schema_version_pkey PRIMARY KEY (version)
);

--: table status_value
CREATE TABLE public.status_value (
    status_type text NOT NULL,
    status_value text NOT NULL,
    label text NOT NULL,
    sort integer NOT NULL,
    CONSTRAINT status_value_pkey PRIMARY KEY (status_type, status_value),
    CONSTRAINT status_value_sort_non_negative CHECK (sort >= 0),
    CONSTRAINT status_value_status_type_check CHECK (status_type ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT status_value_status_value_check CHECK (status_value ~ '^[a-z][a-z0-9_]*$')
);

--: table product_limit
CREATE TABLE public.product_limit (
    id uuid NOT NULL,
    product_id uuid,
    product_category text,
    country_code char(2) NOT NULL,
    min_amount numeric,
    max_amount numeric,
    max_tenor_months integer,
    max_rate numeric,
    max_total_fee_pct numeric,
    valid_from date NOT NULL,
    valid_through date,
    source text NOT NULL,
    needs_signoff boolean NOT NULL,
    CONSTRAINT product_limit_pkey PRIMARY KEY (id),
    CONSTRAINT product_limit_amounts_check CHECK (min_amount >= 0 AND (max_amount IS NULL OR max_amount > 0)),
    CONSTRAINT product_limit_amounts_in_order CHECK (min_amount IS NULL OR max_amount IS NULL OR max_amount >= min_amount),
    CONSTRAINT product_limit_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT product_limit_dates_check CHECK (valid_through IS NULL OR valid_through > valid_from),
    CONSTRAINT product_limit_max_amount_is_money CHECK (max_amount = round(max_amount, 2) AND abs(max_amount) < 1e13),
    CONSTRAINT product_limit_max_rate_is_rate CHECK (max_rate = round(max_rate, 4) AND max_rate >= 0 AND max_rate < 10),
    CONSTRAINT product_limit_max_tenor_months_positive CHECK (max_tenor_months > 0),
    CONSTRAINT product_limit_max_total_fee_pct_is_rate CHECK (max_total_fee_pct = round(max_total_fee_pct, 4) AND max_total_fee_pct >= 0 AND max_total_fee_pct < 10),
    CONSTRAINT product_limit_min_amount_is_money CHECK (min_amount = round(min_amount, 2) AND abs(min_amount) < 1e13),
    CONSTRAINT product_limit_one_subject CHECK (num_nonnulls(product_id, product_category) = 1),
    CONSTRAINT product_limit_product_category_check CHECK (product_category IN ('rently_care_d2c', 'rently_care_collaborative', 'b2b_sme', 'rnpl_uae'))
);

--: table status_transition
CREATE TABLE public.status_transition (
    id uuid NOT NULL,
    entity text NOT NULL,
    status_type text NOT NULL,
    "from" text,
    "to" text NOT NULL,
    valid_from date NOT NULL,
    valid_through date,
    source text NOT NULL,
    needs_signoff boolean NOT NULL,
    CONSTRAINT status_transition_pkey PRIMARY KEY (id),
    CONSTRAINT status_transition_dates_check CHECK (valid_through IS NULL OR valid_through > valid_from),
    CONSTRAINT status_transition_entity_check CHECK (entity ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT status_transition_from_check CHECK ("from" ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT status_transition_status_type_check CHECK (status_type ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT status_transition_to_check CHECK ("to" ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT status_transition_values_different CHECK ("from" <> "to")
);

--: table journal_entry
CREATE TABLE public.journal_entry (
    id uuid NOT NULL,
    legal_entity_id uuid NOT NULL,
    effective_date date NOT NULL,
    description text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by uuid,
    CONSTRAINT journal_entry_pkey PRIMARY KEY (id)
);

--: table loan_flag
CREATE TABLE public.loan_flag (
    id uuid NOT NULL,
    loan_id uuid NOT NULL,
    flag text NOT NULL,
    effective_from date NOT NULL,
    effective_through date,
    reason text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT loan_flag_pkey PRIMARY KEY (id),
    CONSTRAINT loan_flag_dates_check CHECK (effective_through IS NULL OR effective_through > effective_from),
    CONSTRAINT loan_flag_flag_check CHECK (flag IN ('forborne', 'unlikely_to_pay', 'significant_increase', 'payment_pause'))
);

--: table loan_status_history
CREATE TABLE public.loan_status_history (
    id uuid NOT NULL,
    loan_id uuid NOT NULL,
    status_type text NOT NULL,
    status_value text NOT NULL,
    effective_from timestamp with time zone NOT NULL,
    effective_through timestamp with time zone,
    reason text,
    created_by uuid,
    created_at timestamp with time zone,
    CONSTRAINT loan_status_history_pkey PRIMARY KEY (id),
    CONSTRAINT loan_status_history_dates_check CHECK (effective_through IS NULL OR effective_through > effective_from),
    CONSTRAINT loan_status_history_type_check CHECK (status_type IN ('risk_level', 'collections_stage', 'legal_action', 'operational_status'))
);

--: table loan_transfers
CREATE TABLE public.loan_transfers (
    id uuid NOT NULL,
    source_loan_id uuid NOT NULL,
    target_loan_id uuid,
    transfer_type text NOT NULL,
    transfer_amount numeric NOT NULL,
    transfer_date date NOT NULL,
    reason text,
    status text NOT NULL,
    approved_by uuid,
    created_at timestamp with time zone,
    completed_at timestamp with time zone,
    updated_at timestamp with time zone,
    CONSTRAINT loan_transfers_pkey PRIMARY KEY (id),
    CONSTRAINT loan_transfers_amount_positive CHECK (transfer_amount > 0),
    CONSTRAINT loan_transfers_status_check CHECK (status IN ('pending', 'approved', 'processing', 'completed', 'cancelled', 'rejected')),
    CONSTRAINT loan_transfers_transfer_amount_is_money CHECK (transfer_amount = round(transfer_amount, 2) AND abs(transfer_amount) < 1e13),
    CONSTRAINT loan_transfers_type_check CHECK (transfer_type IN ('apartment_change', 'lease_renewal', 'refinance', 'consolidation'))
);

--: table payment_disputes
CREATE TABLE public.payment_disputes (
    id uuid NOT NULL,
    payment_id uuid,
    loan_id uuid NOT NULL,
    dispute_type text NOT NULL,
    expected_amount numeric,
    actual_amount numeric,
    status text NOT NULL,
    reported_by uuid NOT NULL,
    assigned_to uuid,
    priority text,
    created_at timestamp with time zone,
    resolved_at timestamp with time zone,
    resolution_notes text,
    updated_at timestamp with time zone,
    CONSTRAINT payment_disputes_pkey PRIMARY KEY (id),
    CONSTRAINT payment_disputes_actual_amount_is_money CHECK (actual_amount = round(actual_amount, 2) AND abs(actual_amount) < 1e13),
    CONSTRAINT payment_disputes_amounts_positive CHECK ((expected_amount IS NULL OR expected_amount > 0) AND (actual_amount IS NULL OR actual_amount > 0)),
    CONSTRAINT payment_disputes_expected_amount_is_money CHECK (expected_amount = round(expected_amount, 2) AND abs(expected_amount) < 1e13),
    CONSTRAINT payment_disputes_priority_check CHECK (priority IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT payment_disputes_status_check CHECK (status IN ('open', 'investigating', 'resolved', 'closed', 'escalated')),
    CONSTRAINT payment_disputes_type_check CHECK (dispute_type IN ('amount_mismatch', 'timing_issue', 'allocation_error', 'unauthorized_payment', 'duplicate_payment'))
);

--: table loan_adjustment
CREATE TABLE public.loan_adjustment (
    id uuid NOT NULL,
    loan_id uuid NOT NULL,
    line_id uuid,
    component text NOT NULL,
    kind text NOT NULL,
    amount numeric NOT NULL,
    effective_date date NOT NULL,
    reason text NOT NULL,
    created_by uuid,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT loan_adjustment_pkey PRIMARY KEY (id),
    CONSTRAINT loan_adjustment_amount_is_money CHECK (amount = round(amount, 2) AND abs(amount) < 1e13),
    CONSTRAINT loan_adjustment_amount_positive CHECK (amount > 0),
    CONSTRAINT loan_adjustment_component_check CHECK (component IN ('principal', 'rc_fee', 'penalty', 'other', 'interest')),
    CONSTRAINT loan_adjustment_kind_check CHECK (kind IN ('waiver', 'write_off', 'refund', 'transfer'))
);
