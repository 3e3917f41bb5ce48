-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: find repair-party
SELECT t.id FROM public.party AS t
WHERE (t.kind NOT IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor') AND t.kind IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.kind)), '[\s-]+', '_', 'g'), ''))
       OR (t.kind NOT IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party' AND m.column_name = 'kind' AND m.from_value = t.kind) IS NOT NULL)
       OR (nullif(btrim(t.display_name), '') IS NULL)
       OR (t.email <> lower(btrim(t.email)))
       OR (t.email IS NOT NULL AND t.email !~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$');

--: batch repair-party party
UPDATE public.party AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-party' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-party_role
SELECT t.id FROM public.party_role AS t
WHERE (t.role NOT IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent') AND t.role IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.role)), '[\s-]+', '_', 'g'), ''))
       OR (t.role NOT IN ('borrower', 'guarantor', 'broker', 'landlord', 'agent') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'party_role' AND m.column_name = 'role' AND m.from_value = t.role) IS NOT NULL);

--: batch repair-party_role party_role
UPDATE public.party_role AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-party_role' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-payment_instrument
SELECT t.id FROM public.payment_instrument AS t
WHERE (t.instrument_type NOT IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet') AND t.instrument_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.instrument_type)), '[\s-]+', '_', 'g'), ''))
       OR (t.instrument_type NOT IN ('bank_account', 'credit_card', 'debit_card', 'e_wallet') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_instrument' AND m.column_name = 'instrument_type' AND m.from_value = t.instrument_type) IS NOT NULL)
       OR (t.currency_code <> upper(t.currency_code))
       OR (t.is_default IS NULL);

--: batch repair-payment_instrument payment_instrument
UPDATE public.payment_instrument AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-payment_instrument' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-application
SELECT t.id FROM public.application AS t
WHERE (t.status NOT IN ('submitted', 'under_review', 'approved', 'rejected', 'withdrawn') AND t.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.status)), '[\s-]+', '_', 'g'), ''))
       OR (t.status NOT IN ('submitted', 'under_review', 'approved', 'rejected', 'withdrawn') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'application' AND m.column_name = 'status' AND m.from_value = t.status) IS NOT NULL)
       OR (t.status IS NULL)
       OR (t.requested_currency <> upper(t.requested_currency));

--: batch repair-application application
UPDATE public.application AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-application' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-decision
SELECT t.id FROM public.decision AS t
WHERE (t.outcome NOT IN ('approved', 'rejected', 'conditional') AND t.outcome IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.outcome)), '[\s-]+', '_', 'g'), ''))
       OR (t.outcome NOT IN ('approved', 'rejected', 'conditional') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'decision' AND m.column_name = 'outcome' AND m.from_value = t.outcome) IS NOT NULL)
       OR (t.approved_currency <> upper(t.approved_currency))
       OR (nullif(btrim(t.decided_by), '') IS NULL)
       OR (t.approved_amount IS NOT NULL AND t.outcome <> 'approved');

--: batch repair-decision decision
UPDATE public.decision AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-decision' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-loan
SELECT t.id FROM public.loan AS t
WHERE (t.status NOT IN ('active', 'closed', 'written_off', 'transferred') AND t.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.status)), '[\s-]+', '_', 'g'), ''))
       OR (t.status NOT IN ('active', 'closed', 'written_off', 'transferred') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'loan' AND m.column_name = 'status' AND m.from_value = t.status) IS NOT NULL)
       OR (t.status IS NULL)
       OR (t.currency_code <> upper(t.currency_code));

--: batch repair-loan loan
UPDATE public.loan AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-loan' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-amortisation_plan
SELECT t.id FROM public.amortisation_plan AS t
WHERE (t.status NOT IN ('active', 'superseded', 'cancelled') AND t.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.status)), '[\s-]+', '_', 'g'), ''))
       OR (t.status NOT IN ('active', 'superseded', 'cancelled') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'amortisation_plan' AND m.column_name = 'status' AND m.from_value = t.status) IS NOT NULL)
       OR (t.status IS NULL);

--: batch repair-amortisation_plan amortisation_plan
UPDATE public.amortisation_plan AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-amortisation_plan' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-payment
SELECT t.id FROM public.payment AS t
WHERE (t.direction NOT IN ('inbound', 'outbound') AND t.direction IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.direction)), '[\s-]+', '_', 'g'), ''))
       OR (t.direction NOT IN ('inbound', 'outbound') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment' AND m.column_name = 'direction' AND m.from_value = t.direction) IS NOT NULL)
       OR (t.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'reversed') AND t.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.status)), '[\s-]+', '_', 'g'), ''))
       OR (t.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'reversed') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment' AND m.column_name = 'status' AND m.from_value = t.status) IS NOT NULL)
       OR (t.status IS NULL)
       OR (t.currency_code <> upper(t.currency_code));

--: batch repair-payment payment
UPDATE public.payment AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-payment' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-disbursement
SELECT t.id FROM public.disbursement AS t
WHERE (t.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled') AND t.status IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.status)), '[\s-]+', '_', 'g'), ''))
       OR (t.status NOT IN ('pending', 'processing', 'completed', 'failed', 'cancelled') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'disbursement' AND m.column_name = 'status' AND m.from_value = t.status) IS NOT NULL)
       OR (t.status IS NULL)
       OR (t.currency_code <> upper(t.currency_code));

--: batch repair-disbursement disbursement
UPDATE public.disbursement AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-disbursement' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-payment_allocation
SELECT t.id FROM public.payment_allocation AS t
WHERE (t.component NOT IN ('principal', 'rc_fee', 'penalty', 'interest', 'other') AND t.component IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.component)), '[\s-]+', '_', 'g'), ''))
       OR (t.component NOT IN ('principal', 'rc_fee', 'penalty', 'interest', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'payment_allocation' AND m.column_name = 'component' AND m.from_value = t.component) IS NOT NULL);

--: batch repair-payment_allocation payment_allocation
UPDATE public.payment_allocation AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-payment_allocation' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-collections_event
SELECT t.id FROM public.collections_event AS t
WHERE (t.event_type NOT IN ('first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice', 'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted') AND t.event_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.event_type)), '[\s-]+', '_', 'g'), ''))
       OR (t.event_type NOT IN ('first_overdue', 'reminder_sent', 'call_attempt', 'call_successful', 'payment_arrangement', 'legal_notice', 'lawyer_letter', 'court_filing', 'asset_recovery', 'write_off', 'settlement_offer', 'settlement_accepted') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'collections_event' AND m.column_name = 'event_type' AND m.from_value = t.event_type) IS NOT NULL)
       OR (t.currency_code <> upper(t.currency_code))
       OR (t.dpd_snapshot IS NULL)
       OR (t.amount_involved = 0);

--: batch repair-collections_event collections_event
UPDATE public.collections_event AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-collections_event' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-ledger_account
SELECT t.id FROM public.ledger_account AS t
WHERE (t.type NOT IN ('asset', 'liability', 'equity', 'revenue', 'expense') AND t.type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.type)), '[\s-]+', '_', 'g'), ''))
       OR (t.type NOT IN ('asset', 'liability', 'equity', 'revenue', 'expense') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_account' AND m.column_name = 'type' AND m.from_value = t.type) IS NOT NULL)
       OR (nullif(btrim(t.name), '') IS NULL)
       OR (t.code <> btrim(t.code));

--: batch repair-ledger_account ledger_account
UPDATE public.ledger_account AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-ledger_account' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-ledger_entry
SELECT t.id FROM public.ledger_entry AS t
WHERE (t.side NOT IN ('debit', 'credit') AND t.side IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.side)), '[\s-]+', '_', 'g'), ''))
       OR (t.side NOT IN ('debit', 'credit') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'ledger_entry' AND m.column_name = 'side' AND m.from_value = t.side) IS NOT NULL)
       OR (t.currency_code <> upper(t.currency_code));

--: batch repair-ledger_entry ledger_entry
UPDATE public.ledger_entry AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-ledger_entry' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-security_interest
SELECT t.id FROM public.security_interest AS t
WHERE (t.type NOT IN ('property', 'vehicle', 'deposit', 'guarantee', 'other') AND t.type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.type)), '[\s-]+', '_', 'g'), ''))
       OR (t.type NOT IN ('property', 'vehicle', 'deposit', 'guarantee', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'security_interest' AND m.column_name = 'type' AND m.from_value = t.type) IS NOT NULL)
       OR (t.value_ccy <> upper(t.value_ccy));

--: batch repair-security_interest security_interest
UPDATE public.security_interest AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-security_interest' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-document
SELECT t.id FROM public.document AS t
WHERE (t.kind NOT IN ('application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation', 'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other') AND t.kind IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.kind)), '[\s-]+', '_', 'g'), ''))
       OR (t.kind NOT IN ('application_form', 'identity_document', 'income_proof', 'lease_agreement', 'property_valuation', 'legal_notice', 'court_document', 'payment_receipt', 'contract', 'correspondence', 'other') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document' AND m.column_name = 'kind' AND m.from_value = t.kind) IS NOT NULL)
       OR (nullif(btrim(t.title), '') IS NULL);

--: batch repair-document document
UPDATE public.document AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-document' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-document_link
SELECT t.id FROM public.document_link AS t
WHERE (t.entity_type NOT IN ('application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest') AND t.entity_type IS DISTINCT FROM nullif(regexp_replace(lower(btrim(t.entity_type)), '[\s-]+', '_', 'g'), ''))
       OR (t.entity_type NOT IN ('application', 'loan', 'party', 'payment', 'disbursement', 'collections_event', 'security_interest') AND (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'document_link' AND m.column_name = 'entity_type' AND m.from_value = t.entity_type) IS NOT NULL);

--: batch repair-document_link document_link
UPDATE public.document_link AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-document_link' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-legal_entity
SELECT t.id FROM public.legal_entity AS t
WHERE (t.functional_ccy <> upper(t.functional_ccy))
       OR (t.country_code <> upper(t.country_code))
       OR (nullif(btrim(t.name), '') IS NULL)
       OR (t.time_zone IS NULL AND t.country_code IN ('SG', 'AE'));

--: batch repair-legal_entity legal_entity
UPDATE public.legal_entity AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-legal_entity' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-amortisation_line
SELECT t.id FROM public.amortisation_line AS t
WHERE (t.currency_code <> upper(t.currency_code))
       OR (t.amount_principal IS NULL)
       OR (t.amount_rc_fee IS NULL)
       OR (t.amount_penalty IS NULL)
       OR (t.amount_other IS NULL);

--: batch repair-amortisation_line amortisation_line
UPDATE public.amortisation_line AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-amortisation_line' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-fx_rate
SELECT t.id FROM public.fx_rate AS t
WHERE (t.from_ccy <> upper(t.from_ccy))
       OR (t.to_ccy <> upper(t.to_ccy))
       OR (nullif(btrim(t.source), '') IS NULL);

--: batch repair-fx_rate fx_rate
UPDATE public.fx_rate AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-fx_rate' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;

--: find repair-product
SELECT t.id FROM public.product AS t
WHERE (nullif(btrim(t.name), '') IS NULL)
       OR (t.code <> upper(btrim(t.code)))
       OR (t.category IS NULL)
       OR (t.business_unit IS NULL);

--: batch repair-product product
UPDATE public.product AS t SET id = t.id
FROM ops.worklist AS w
WHERE w.step = 'repair-product' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id;
