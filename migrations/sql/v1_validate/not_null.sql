-- Frozen for v1_validate: python -m rently_db.migrate.freeze v1

--: not_null legal_entity name
ALTER TABLE public.legal_entity ALTER COLUMN name SET NOT NULL;

--: not_null legal_entity country_code
ALTER TABLE public.legal_entity ALTER COLUMN country_code SET NOT NULL;

--: not_null legal_entity functional_ccy
ALTER TABLE public.legal_entity ALTER COLUMN functional_ccy SET NOT NULL;

--: not_null product code
ALTER TABLE public.product ALTER COLUMN code SET NOT NULL;

--: not_null product name
ALTER TABLE public.product ALTER COLUMN name SET NOT NULL;

--: not_null product category
ALTER TABLE public.product ALTER COLUMN category SET NOT NULL;

--: not_null product business_unit
ALTER TABLE public.product ALTER COLUMN business_unit SET NOT NULL;

--: not_null party kind
ALTER TABLE public.party ALTER COLUMN kind SET NOT NULL;

--: not_null party display_name
ALTER TABLE public.party ALTER COLUMN display_name SET NOT NULL;

--: not_null payment_instrument party_id
ALTER TABLE public.payment_instrument ALTER COLUMN party_id SET NOT NULL;

--: not_null payment_instrument instrument_type
ALTER TABLE public.payment_instrument ALTER COLUMN instrument_type SET NOT NULL;

--: not_null payment_instrument currency_code
ALTER TABLE public.payment_instrument ALTER COLUMN currency_code SET NOT NULL;

--: not_null application application_number
ALTER TABLE public.application ALTER COLUMN application_number SET NOT NULL;

--: not_null application product_id
ALTER TABLE public.application ALTER COLUMN product_id SET NOT NULL;

--: not_null application legal_entity_id
ALTER TABLE public.application ALTER COLUMN legal_entity_id SET NOT NULL;

--: not_null application applicant_party_id
ALTER TABLE public.application ALTER COLUMN applicant_party_id SET NOT NULL;

--: not_null application requested_amount
ALTER TABLE public.application ALTER COLUMN requested_amount SET NOT NULL;

--: not_null application requested_currency
ALTER TABLE public.application ALTER COLUMN requested_currency SET NOT NULL;

--: not_null application tenor_months
ALTER TABLE public.application ALTER COLUMN tenor_months SET NOT NULL;

--: not_null application status
ALTER TABLE public.application ALTER COLUMN status SET NOT NULL;

--: not_null decision application_id
ALTER TABLE public.decision ALTER COLUMN application_id SET NOT NULL;

--: not_null decision outcome
ALTER TABLE public.decision ALTER COLUMN outcome SET NOT NULL;

--: not_null decision decided_by
ALTER TABLE public.decision ALTER COLUMN decided_by SET NOT NULL;

--: not_null loan loan_number
ALTER TABLE public.loan ALTER COLUMN loan_number SET NOT NULL;

--: not_null loan product_id
ALTER TABLE public.loan ALTER COLUMN product_id SET NOT NULL;

--: not_null loan legal_entity_id
ALTER TABLE public.loan ALTER COLUMN legal_entity_id SET NOT NULL;

--: not_null loan borrower_party_id
ALTER TABLE public.loan ALTER COLUMN borrower_party_id SET NOT NULL;

--: not_null loan currency_code
ALTER TABLE public.loan ALTER COLUMN currency_code SET NOT NULL;

--: not_null loan principal_amount
ALTER TABLE public.loan ALTER COLUMN principal_amount SET NOT NULL;

--: not_null loan interest_rate
ALTER TABLE public.loan ALTER COLUMN interest_rate SET NOT NULL;

--: not_null loan start_date
ALTER TABLE public.loan ALTER COLUMN start_date SET NOT NULL;

--: not_null loan end_date
ALTER TABLE public.loan ALTER COLUMN end_date SET NOT NULL;

--: not_null loan status
ALTER TABLE public.loan ALTER COLUMN status SET NOT NULL;

--: not_null party_role party_id
ALTER TABLE public.party_role ALTER COLUMN party_id SET NOT NULL;

--: not_null party_role loan_id
ALTER TABLE public.party_role ALTER COLUMN loan_id SET NOT NULL;

--: not_null party_role role
ALTER TABLE public.party_role ALTER COLUMN role SET NOT NULL;

--: not_null amortisation_plan loan_id
ALTER TABLE public.amortisation_plan ALTER COLUMN loan_id SET NOT NULL;

--: not_null amortisation_plan version
ALTER TABLE public.amortisation_plan ALTER COLUMN version SET NOT NULL;

--: not_null amortisation_plan status
ALTER TABLE public.amortisation_plan ALTER COLUMN status SET NOT NULL;

--: not_null amortisation_plan effective_from
ALTER TABLE public.amortisation_plan ALTER COLUMN effective_from SET NOT NULL;

--: not_null amortisation_line plan_id
ALTER TABLE public.amortisation_line ALTER COLUMN plan_id SET NOT NULL;

--: not_null amortisation_line seq_no
ALTER TABLE public.amortisation_line ALTER COLUMN seq_no SET NOT NULL;

--: not_null amortisation_line due_date
ALTER TABLE public.amortisation_line ALTER COLUMN due_date SET NOT NULL;

--: not_null amortisation_line currency_code
ALTER TABLE public.amortisation_line ALTER COLUMN currency_code SET NOT NULL;

--: not_null amortisation_line amount_principal
ALTER TABLE public.amortisation_line ALTER COLUMN amount_principal SET NOT NULL;

--: not_null amortisation_line amount_rc_fee
ALTER TABLE public.amortisation_line ALTER COLUMN amount_rc_fee SET NOT NULL;

--: not_null amortisation_line amount_penalty
ALTER TABLE public.amortisation_line ALTER COLUMN amount_penalty SET NOT NULL;

--: not_null amortisation_line amount_other
ALTER TABLE public.amortisation_line ALTER COLUMN amount_other SET NOT NULL;

--: not_null payment legal_entity_id
ALTER TABLE public.payment ALTER COLUMN legal_entity_id SET NOT NULL;

--: not_null payment currency_code
ALTER TABLE public.payment ALTER COLUMN currency_code SET NOT NULL;

--: not_null payment amount
ALTER TABLE public.payment ALTER COLUMN amount SET NOT NULL;

--: not_null payment direction
ALTER TABLE public.payment ALTER COLUMN direction SET NOT NULL;

--: not_null payment status
ALTER TABLE public.payment ALTER COLUMN status SET NOT NULL;

--: not_null disbursement loan_id
ALTER TABLE public.disbursement ALTER COLUMN loan_id SET NOT NULL;

--: not_null disbursement legal_entity_id
ALTER TABLE public.disbursement ALTER COLUMN legal_entity_id SET NOT NULL;

--: not_null disbursement instrument_id
ALTER TABLE public.disbursement ALTER COLUMN instrument_id SET NOT NULL;

--: not_null disbursement currency_code
ALTER TABLE public.disbursement ALTER COLUMN currency_code SET NOT NULL;

--: not_null disbursement amount
ALTER TABLE public.disbursement ALTER COLUMN amount SET NOT NULL;

--: not_null disbursement status
ALTER TABLE public.disbursement ALTER COLUMN status SET NOT NULL;

--: not_null payment_allocation payment_id
ALTER TABLE public.payment_allocation ALTER COLUMN payment_id SET NOT NULL;

--: not_null payment_allocation loan_id
ALTER TABLE public.payment_allocation ALTER COLUMN loan_id SET NOT NULL;

--: not_null payment_allocation component
ALTER TABLE public.payment_allocation ALTER COLUMN component SET NOT NULL;

--: not_null payment_allocation allocated_amount
ALTER TABLE public.payment_allocation ALTER COLUMN allocated_amount SET NOT NULL;

--: not_null collections_event loan_id
ALTER TABLE public.collections_event ALTER COLUMN loan_id SET NOT NULL;

--: not_null collections_event event_type
ALTER TABLE public.collections_event ALTER COLUMN event_type SET NOT NULL;

--: not_null collections_event event_at
ALTER TABLE public.collections_event ALTER COLUMN event_at SET NOT NULL;

--: not_null collections_event dpd_snapshot
ALTER TABLE public.collections_event ALTER COLUMN dpd_snapshot SET NOT NULL;

--: not_null ledger_account legal_entity_id
ALTER TABLE public.ledger_account ALTER COLUMN legal_entity_id SET NOT NULL;

--: not_null ledger_account code
ALTER TABLE public.ledger_account ALTER COLUMN code SET NOT NULL;

--: not_null ledger_account name
ALTER TABLE public.ledger_account ALTER COLUMN name SET NOT NULL;

--: not_null ledger_account type
ALTER TABLE public.ledger_account ALTER COLUMN type SET NOT NULL;

--: not_null ledger_entry legal_entity_id
ALTER TABLE public.ledger_entry ALTER COLUMN legal_entity_id SET NOT NULL;

--: not_null ledger_entry account_id
ALTER TABLE public.ledger_entry ALTER COLUMN account_id SET NOT NULL;

--: not_null ledger_entry currency_code
ALTER TABLE public.ledger_entry ALTER COLUMN currency_code SET NOT NULL;

--: not_null ledger_entry amount
ALTER TABLE public.ledger_entry ALTER COLUMN amount SET NOT NULL;

--: not_null ledger_entry side
ALTER TABLE public.ledger_entry ALTER COLUMN side SET NOT NULL;

--: not_null ledger_entry entry_date
ALTER TABLE public.ledger_entry ALTER COLUMN entry_date SET NOT NULL;

--: not_null security_interest loan_id
ALTER TABLE public.security_interest ALTER COLUMN loan_id SET NOT NULL;

--: not_null security_interest type
ALTER TABLE public.security_interest ALTER COLUMN type SET NOT NULL;

--: not_null document title
ALTER TABLE public.document ALTER COLUMN title SET NOT NULL;

--: not_null document kind
ALTER TABLE public.document ALTER COLUMN kind SET NOT NULL;

--: not_null document storage_url
ALTER TABLE public.document ALTER COLUMN storage_url SET NOT NULL;

--: not_null document_link document_id
ALTER TABLE public.document_link ALTER COLUMN document_id SET NOT NULL;

--: not_null document_link entity_type
ALTER TABLE public.document_link ALTER COLUMN entity_type SET NOT NULL;

--: not_null document_link entity_id
ALTER TABLE public.document_link ALTER COLUMN entity_id SET NOT NULL;

--: not_null fx_rate as_of_date
ALTER TABLE public.fx_rate ALTER COLUMN as_of_date SET NOT NULL;

--: not_null fx_rate from_ccy
ALTER TABLE public.fx_rate ALTER COLUMN from_ccy SET NOT NULL;

--: not_null fx_rate to_ccy
ALTER TABLE public.fx_rate ALTER COLUMN to_ccy SET NOT NULL;

--: not_null fx_rate rate
ALTER TABLE public.fx_rate ALTER COLUMN rate SET NOT NULL;

--: not_null fx_rate source
ALTER TABLE public.fx_rate ALTER COLUMN source SET NOT NULL;
