-- Frozen for v1_validate: python -m rently_db.migrate.freeze v1

--: check legal_entity legal_entity_country_code_check
ALTER TABLE public.legal_entity ADD CONSTRAINT legal_entity_country_code_check CHECK (country_code ~ '^[A-Z]{2}$');

--: check legal_entity legal_entity_functional_ccy_check
ALTER TABLE public.legal_entity ADD CONSTRAINT legal_entity_functional_ccy_check CHECK (functional_ccy ~ '^[A-Z]{3}$');

--: check product product_business_unit_check
ALTER TABLE public.product ADD CONSTRAINT product_business_unit_check CHECK (business_unit IN ('residential', 'commercial'));

--: check product product_category_check
ALTER TABLE public.product ADD CONSTRAINT product_category_check CHECK (category IN ('rently_care_d2c', 'rently_care_collaborative', 'b2b_sme', 'rnpl_uae'));

--: check product product_grace_days_non_negative
ALTER TABLE public.product ADD CONSTRAINT product_grace_days_non_negative CHECK (grace_days >= 0);

--: check product product_tolerance_amount_is_money
ALTER TABLE public.product ADD CONSTRAINT product_tolerance_amount_is_money CHECK (tolerance_amount = round(tolerance_amount, 2) AND abs(tolerance_amount) < 1e13);

--: check product product_tolerance_amount_non_negative
ALTER TABLE public.product ADD CONSTRAINT product_tolerance_amount_non_negative CHECK (tolerance_amount >= 0);

--: check product product_tolerance_pct_is_rate
ALTER TABLE public.product ADD CONSTRAINT product_tolerance_pct_is_rate CHECK (tolerance_pct = round(tolerance_pct, 4) AND tolerance_pct >= 0 AND tolerance_pct < 10);

--: check party party_email_check
ALTER TABLE public.party ADD CONSTRAINT party_email_check CHECK (email IS NULL OR email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$');

--: check party party_kind_check
ALTER TABLE public.party ADD CONSTRAINT party_kind_check CHECK (kind IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor'));

--: check payment_instrument payment_instrument_currency_check
ALTER TABLE public.payment_instrument ADD CONSTRAINT payment_instrument_currency_check CHECK (currency_code ~ '^[A-Z]{3}$');

--: check payment_instrument payment_instrument_type_check
ALTER TABLE public.payment_instrument ADD CONSTRAINT payment_instrument_type_check CHECK (instrument_type IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet'));

--: check application application_amount_positive
ALTER TABLE public.application ADD CONSTRAINT application_amount_positive CHECK (requested_amount > 0);

--: check application application_currency_check
ALTER TABLE public.application ADD CONSTRAINT application_currency_check CHECK (requested_currency ~ '^[A-Z]{3}$');

--: check application application_requested_amount_is_money
ALTER TABLE public.application ADD CONSTRAINT application_requested_amount_is_money CHECK (requested_amount = round(requested_amount, 2) AND abs(requested_amount) < 1e13);

--: check application application_status_check
ALTER TABLE public.application ADD CONSTRAINT application_status_check CHECK (status IN ('submitted', 'under_review', 'approved', 'rejected', 'withdrawn'));

--: check application application_tenor_positive
ALTER TABLE public.application ADD CONSTRAINT application_tenor_positive CHECK (tenor_months > 0);

--: check decision decision_approved_amount_check
ALTER TABLE public.decision ADD CONSTRAINT decision_approved_amount_check CHECK (outcome = 'approved' AND approved_amount > 0 OR outcome <> 'approved' AND approved_amount IS NULL);

--: check decision decision_approved_amount_is_money
ALTER TABLE public.decision ADD CONSTRAINT decision_approved_amount_is_money CHECK (approved_amount = round(approved_amount, 2) AND abs(approved_amount) < 1e13);

--: check decision decision_approved_currency_check
ALTER TABLE public.decision ADD CONSTRAINT decision_approved_currency_check CHECK (approved_currency IS NULL OR approved_currency ~ '^[A-Z]{3}$');

--: check decision decision_outcome_check
ALTER TABLE public.decision ADD CONSTRAINT decision_outcome_check CHECK (outcome IN ('approved', 'rejected', 'conditional'));

--: check loan loan_amounts_positive
ALTER TABLE public.loan ADD CONSTRAINT loan_amounts_positive CHECK (principal_amount > 0);

--: check loan loan_currency_check
ALTER TABLE public.loan ADD CONSTRAINT loan_currency_check CHECK (currency_code ~ '^[A-Z]{3}$');

--: check loan loan_dates_check
ALTER TABLE public.loan ADD CONSTRAINT loan_dates_check CHECK (end_date > start_date);

--: check loan loan_installment_period_check
ALTER TABLE public.loan ADD CONSTRAINT loan_installment_period_check CHECK (installment_period IS NULL OR installment_period ~* '^\d+/\d+$');

--: check loan loan_interest_rate_is_rate
ALTER TABLE public.loan ADD CONSTRAINT loan_interest_rate_is_rate CHECK (interest_rate = round(interest_rate, 4) AND interest_rate >= 0 AND interest_rate < 10);

--: check loan loan_lease_dates_check
ALTER TABLE public.loan ADD CONSTRAINT loan_lease_dates_check CHECK (lease_end_date IS NULL OR lease_start_date IS NULL OR lease_end_date > lease_start_date);

--: check loan loan_principal_amount_is_money
ALTER TABLE public.loan ADD CONSTRAINT loan_principal_amount_is_money CHECK (principal_amount = round(principal_amount, 2) AND abs(principal_amount) < 1e13);

--: check loan loan_rc_fee_rate_is_rate
ALTER TABLE public.loan ADD CONSTRAINT loan_rc_fee_rate_is_rate CHECK (rc_fee_rate = round(rc_fee_rate, 4) AND rc_fee_rate >= 0 AND rc_fee_rate < 10);

--: check loan loan_status_check
ALTER TABLE public.loan ADD CONSTRAINT loan_status_check CHECK (status IN ('active', 'closed', 'written_off', 'transferred'));

--: check party_role party_role_check
ALTER TABLE public.party_role ADD CONSTRAINT party_role_check CHECK (role IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent'));

--: check party_role party_role_dates_check
ALTER TABLE public.party_role ADD CONSTRAINT party_role_dates_check CHECK (effective_through IS NULL OR effective_through > effective_from);

--: check amortisation_plan amortisation_plan_dates_check
ALTER TABLE public.amortisation_plan ADD CONSTRAINT amortisation_plan_dates_check CHECK (effective_through IS NULL OR effective_through > effective_from);

--: check amortisation_plan amortisation_plan_status_check
ALTER TABLE public.amortisation_plan ADD CONSTRAINT amortisation_plan_status_check CHECK (status IN ('active', 'superseded', 'cancelled'));

--: check amortisation_plan amortisation_plan_version_positive
ALTER TABLE public.amortisation_plan ADD CONSTRAINT amortisation_plan_version_positive CHECK (version > 0);

--: check amortisation_line amortisation_line_amount_interest_is_money
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_amount_interest_is_money CHECK (amount_interest = round(amount_interest, 2) AND abs(amount_interest) < 1e13);

--: check amortisation_line amortisation_line_amount_other_is_money
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_amount_other_is_money CHECK (amount_other = round(amount_other, 2) AND abs(amount_other) < 1e13);

--: check amortisation_line amortisation_line_amount_penalty_is_money
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_amount_penalty_is_money CHECK (amount_penalty = round(amount_penalty, 2) AND abs(amount_penalty) < 1e13);

--: check amortisation_line amortisation_line_amount_principal_is_money
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_amount_principal_is_money CHECK (amount_principal = round(amount_principal, 2) AND abs(amount_principal) < 1e13);

--: check amortisation_line amortisation_line_amount_rc_fee_is_money
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_amount_rc_fee_is_money CHECK (amount_rc_fee = round(amount_rc_fee, 2) AND abs(amount_rc_fee) < 1e13);

--: check amortisation_line amortisation_line_amounts_non_negative
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_amounts_non_negative CHECK (amount_principal >= 0 AND amount_rc_fee >= 0 AND amount_penalty >= 0 AND amount_other >= 0 AND amount_interest >= 0);

--: check amortisation_line amortisation_line_currency_check
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_currency_check CHECK (currency_code ~ '^[A-Z]{3}$');

--: check amortisation_line amortisation_line_seq_positive
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_seq_positive CHECK (seq_no > 0);

--: check payment payment_amount_is_money
ALTER TABLE public.payment ADD CONSTRAINT payment_amount_is_money CHECK (amount = round(amount, 2) AND abs(amount) < 1e13);

--: check payment payment_amount_positive
ALTER TABLE public.payment ADD CONSTRAINT payment_amount_positive CHECK (amount > 0);

--: check payment payment_currency_check
ALTER TABLE public.payment ADD CONSTRAINT payment_currency_check CHECK (currency_code ~ '^[A-Z]{3}$');

--: check payment payment_direction_check
ALTER TABLE public.payment ADD CONSTRAINT payment_direction_check CHECK (direction IN ('inbound', 'outbound'));

--: check payment payment_reversed_is_dated
ALTER TABLE public.payment ADD CONSTRAINT payment_reversed_is_dated CHECK (status <> 'reversed' OR reversed_at IS NOT NULL);

--: check payment payment_status_check
ALTER TABLE public.payment ADD CONSTRAINT payment_status_check CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'reversed'));

--: check disbursement disbursement_amount_is_money
ALTER TABLE public.disbursement ADD CONSTRAINT disbursement_amount_is_money CHECK (amount = round(amount, 2) AND abs(amount) < 1e13);

--: check disbursement disbursement_amount_positive
ALTER TABLE public.disbursement ADD CONSTRAINT disbursement_amount_positive CHECK (amount > 0);

--: check disbursement disbursement_currency_check
ALTER TABLE public.disbursement ADD CONSTRAINT disbursement_currency_check CHECK (currency_code ~ '^[A-Z]{3}$');

--: check disbursement disbursement_status_check
ALTER TABLE public.disbursement ADD CONSTRAINT disbursement_status_check CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled'));

--: check payment_allocation payment_allocation_allocated_amount_is_money
ALTER TABLE public.payment_allocation ADD CONSTRAINT payment_allocation_allocated_amount_is_money CHECK (allocated_amount = round(allocated_amount, 2) AND abs(allocated_amount) < 1e13);

--: check payment_allocation payment_allocation_amount_positive
ALTER TABLE public.payment_allocation ADD CONSTRAINT payment_allocation_amount_positive CHECK (allocated_amount > 0);

--: check payment_allocation payment_allocation_component_check
ALTER TABLE public.payment_allocation ADD CONSTRAINT payment_allocation_component_check CHECK (component IN ('principal', 'rc_fee', 'penalty', 'other', 'interest'));

--: check collections_event collections_event_amount_involved_is_money
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_amount_involved_is_money CHECK (amount_involved = round(amount_involved, 2) AND abs(amount_involved) < 1e13);

--: check collections_event collections_event_amount_positive
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_amount_positive CHECK (amount_involved IS NULL OR amount_involved > 0);

--: check collections_event collections_event_consecutive_non_negative
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_consecutive_non_negative CHECK (consecutive_missed_payments >= 0);

--: check collections_event collections_event_currency_check
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_currency_check CHECK (currency_code IS NULL OR currency_code ~ '^[A-Z]{3}$');

--: check collections_event collections_event_dpd_non_negative
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_dpd_non_negative CHECK (dpd_snapshot >= 0);

--: check collections_event collections_event_resolution_check
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_resolution_check CHECK (resolution_status IS NULL OR resolution_status IN ('pending', 'in_progress', 'resolved', 'escalated', 'closed'));

--: check collections_event collections_event_type_check
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_type_check CHECK (event_type IN ('first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice', 'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted'));

--: check ledger_account ledger_account_type_check
ALTER TABLE public.ledger_account ADD CONSTRAINT ledger_account_type_check CHECK (type IN ('asset', 'liability', 'equity', 'revenue', 'expense'));

--: check ledger_entry ledger_entry_amount_is_money
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_amount_is_money CHECK (amount = round(amount, 2) AND abs(amount) < 1e13);

--: check ledger_entry ledger_entry_amount_positive
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_amount_positive CHECK (amount > 0);

--: check ledger_entry ledger_entry_currency_check
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_currency_check CHECK (currency_code ~ '^[A-Z]{3}$');

--: check ledger_entry ledger_entry_side_check
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_side_check CHECK (side IN ('debit', 'credit'));

--: check security_interest security_interest_currency_check
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_currency_check CHECK (value_ccy IS NULL OR value_ccy ~ '^[A-Z]{3}$');

--: check security_interest security_interest_dates_check
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_dates_check CHECK (expiry_date IS NULL OR registration_date IS NULL OR expiry_date > registration_date);

--: check security_interest security_interest_haircut_at_most_all
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_haircut_at_most_all CHECK (haircut_pct <= 1);

--: check security_interest security_interest_haircut_pct_is_rate
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_haircut_pct_is_rate CHECK (haircut_pct = round(haircut_pct, 4) AND haircut_pct >= 0 AND haircut_pct < 10);

--: check security_interest security_interest_status_check
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_status_check CHECK (status IN ('active', 'released', 'expired', 'enforced'));

--: check security_interest security_interest_type_check
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_type_check CHECK (type IN ('property', 'vehicle', 'deposit', 'guarantee', 'other'));

--: check security_interest security_interest_value_amount_is_money
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_value_amount_is_money CHECK (value_amount = round(value_amount, 2) AND abs(value_amount) < 1e13);

--: check security_interest security_interest_value_positive
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_value_positive CHECK (value_amount IS NULL OR value_amount > 0);

--: check document document_file_size_positive
ALTER TABLE public.document ADD CONSTRAINT document_file_size_positive CHECK (file_size_bytes IS NULL OR file_size_bytes > 0);

--: check document document_kind_check
ALTER TABLE public.document ADD CONSTRAINT document_kind_check CHECK (kind IN ('application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation', 'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other'));

--: check document_link document_link_entity_type_check
ALTER TABLE public.document_link ADD CONSTRAINT document_link_entity_type_check CHECK (entity_type IN ('application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest'));

--: check fx_rate fx_rate_currencies_different
ALTER TABLE public.fx_rate ADD CONSTRAINT fx_rate_currencies_different CHECK (from_ccy <> to_ccy);

--: check fx_rate fx_rate_from_ccy_check
ALTER TABLE public.fx_rate ADD CONSTRAINT fx_rate_from_ccy_check CHECK (from_ccy ~ '^[A-Z]{3}$');

--: check fx_rate fx_rate_positive
ALTER TABLE public.fx_rate ADD CONSTRAINT fx_rate_positive CHECK (rate > 0 AND rate < 1e12);

--: check fx_rate fx_rate_to_ccy_check
ALTER TABLE public.fx_rate ADD CONSTRAINT fx_rate_to_ccy_check CHECK (to_ccy ~ '^[A-Z]{3}$');
