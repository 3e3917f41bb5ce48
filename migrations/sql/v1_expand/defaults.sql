-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: default analytics_setting id
ALTER TABLE public.analytics_setting ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default analytics_setting needs_signoff
ALTER TABLE public.analytics_setting ALTER COLUMN needs_signoff SET DEFAULT true;

--: default classification_rule id
ALTER TABLE public.classification_rule ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default classification_rule needs_signoff
ALTER TABLE public.classification_rule ALTER COLUMN needs_signoff SET DEFAULT true;

--: default dpd_bucket id
ALTER TABLE public.dpd_bucket ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default dpd_bucket needs_signoff
ALTER TABLE public.dpd_bucket ALTER COLUMN needs_signoff SET DEFAULT true;

--: default provision_rate id
ALTER TABLE public.provision_rate ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default provision_rate needs_signoff
ALTER TABLE public.provision_rate ALTER COLUMN needs_signoff SET DEFAULT true;

--: default schema_version applied_at
ALTER TABLE public.schema_version ALTER COLUMN applied_at SET DEFAULT now();

--: default product_limit id
ALTER TABLE public.product_limit ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default product_limit needs_signoff
ALTER TABLE public.product_limit ALTER COLUMN needs_signoff SET DEFAULT true;

--: default status_transition id
ALTER TABLE public.status_transition ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default status_transition needs_signoff
ALTER TABLE public.status_transition ALTER COLUMN needs_signoff SET DEFAULT true;

--: default journal_entry id
ALTER TABLE public.journal_entry ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default journal_entry created_at
ALTER TABLE public.journal_entry ALTER COLUMN created_at SET DEFAULT now();

--: default loan_flag id
ALTER TABLE public.loan_flag ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default loan_flag created_at
ALTER TABLE public.loan_flag ALTER COLUMN created_at SET DEFAULT now();

--: default loan_status_history id
ALTER TABLE public.loan_status_history ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default loan_status_history effective_from
ALTER TABLE public.loan_status_history ALTER COLUMN effective_from SET DEFAULT now();

--: default loan_status_history created_at
ALTER TABLE public.loan_status_history ALTER COLUMN created_at SET DEFAULT now();

--: default loan_transfers id
ALTER TABLE public.loan_transfers ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default loan_transfers transfer_date
ALTER TABLE public.loan_transfers ALTER COLUMN transfer_date SET DEFAULT CURRENT_DATE;

--: default loan_transfers status
ALTER TABLE public.loan_transfers ALTER COLUMN status SET DEFAULT 'pending';

--: default loan_transfers created_at
ALTER TABLE public.loan_transfers ALTER COLUMN created_at SET DEFAULT now();

--: default loan_transfers updated_at
ALTER TABLE public.loan_transfers ALTER COLUMN updated_at SET DEFAULT now();

--: default payment_disputes id
ALTER TABLE public.payment_disputes ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default payment_disputes status
ALTER TABLE public.payment_disputes ALTER COLUMN status SET DEFAULT 'open';

--: default payment_disputes priority
ALTER TABLE public.payment_disputes ALTER COLUMN priority SET DEFAULT 'medium';

--: default payment_disputes created_at
ALTER TABLE public.payment_disputes ALTER COLUMN created_at SET DEFAULT now();

--: default payment_disputes updated_at
ALTER TABLE public.payment_disputes ALTER COLUMN updated_at SET DEFAULT now();

--: default loan_adjustment id
ALTER TABLE public.loan_adjustment ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default loan_adjustment created_at
ALTER TABLE public.loan_adjustment ALTER COLUMN created_at SET DEFAULT now();

--: default legal_entity id
ALTER TABLE public.legal_entity ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default legal_entity created_at
ALTER TABLE public.legal_entity ALTER COLUMN created_at SET DEFAULT now();

--: default legal_entity updated_at
ALTER TABLE public.legal_entity ALTER COLUMN updated_at SET DEFAULT now();

--: default product id
ALTER TABLE public.product ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default product is_active
ALTER TABLE public.product ALTER COLUMN is_active SET DEFAULT true;

--: default product created_at
ALTER TABLE public.product ALTER COLUMN created_at SET DEFAULT now();

--: default product updated_at
ALTER TABLE public.product ALTER COLUMN updated_at SET DEFAULT now();

--: default party id
ALTER TABLE public.party ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default party is_active
ALTER TABLE public.party ALTER COLUMN is_active SET DEFAULT true;

--: default party created_at
ALTER TABLE public.party ALTER COLUMN created_at SET DEFAULT now();

--: default party updated_at
ALTER TABLE public.party ALTER COLUMN updated_at SET DEFAULT now();

--: default payment_instrument id
ALTER TABLE public.payment_instrument ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default payment_instrument is_default
ALTER TABLE public.payment_instrument ALTER COLUMN is_default SET DEFAULT false;

--: default payment_instrument is_active
ALTER TABLE public.payment_instrument ALTER COLUMN is_active SET DEFAULT true;

--: default payment_instrument created_at
ALTER TABLE public.payment_instrument ALTER COLUMN created_at SET DEFAULT now();

--: default payment_instrument updated_at
ALTER TABLE public.payment_instrument ALTER COLUMN updated_at SET DEFAULT now();

--: default application id
ALTER TABLE public.application ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default application status
ALTER TABLE public.application ALTER COLUMN status SET DEFAULT 'submitted';

--: default application created_at
ALTER TABLE public.application ALTER COLUMN created_at SET DEFAULT now();

--: default application updated_at
ALTER TABLE public.application ALTER COLUMN updated_at SET DEFAULT now();

--: default decision id
ALTER TABLE public.decision ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default decision decided_at
ALTER TABLE public.decision ALTER COLUMN decided_at SET DEFAULT now();

--: default loan id
ALTER TABLE public.loan ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default loan rc_fee_rate
ALTER TABLE public.loan ALTER COLUMN rc_fee_rate SET DEFAULT 0.0000;

--: default loan status
ALTER TABLE public.loan ALTER COLUMN status SET DEFAULT 'active';

--: default loan created_at
ALTER TABLE public.loan ALTER COLUMN created_at SET DEFAULT now();

--: default loan updated_at
ALTER TABLE public.loan ALTER COLUMN updated_at SET DEFAULT now();

--: default party_role id
ALTER TABLE public.party_role ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default party_role effective_from
ALTER TABLE public.party_role ALTER COLUMN effective_from SET DEFAULT CURRENT_DATE;

--: default party_role created_at
ALTER TABLE public.party_role ALTER COLUMN created_at SET DEFAULT now();

--: default amortisation_plan id
ALTER TABLE public.amortisation_plan ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default amortisation_plan version
ALTER TABLE public.amortisation_plan ALTER COLUMN version SET DEFAULT 1;

--: default amortisation_plan status
ALTER TABLE public.amortisation_plan ALTER COLUMN status SET DEFAULT 'active';

--: default amortisation_plan created_at
ALTER TABLE public.amortisation_plan ALTER COLUMN created_at SET DEFAULT now();

--: default amortisation_plan updated_at
ALTER TABLE public.amortisation_plan ALTER COLUMN updated_at SET DEFAULT now();

--: default amortisation_line id
ALTER TABLE public.amortisation_line ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default amortisation_line amount_principal
ALTER TABLE public.amortisation_line ALTER COLUMN amount_principal SET DEFAULT 0.00;

--: default amortisation_line amount_rc_fee
ALTER TABLE public.amortisation_line ALTER COLUMN amount_rc_fee SET DEFAULT 0.00;

--: default amortisation_line amount_penalty
ALTER TABLE public.amortisation_line ALTER COLUMN amount_penalty SET DEFAULT 0.00;

--: default amortisation_line amount_other
ALTER TABLE public.amortisation_line ALTER COLUMN amount_other SET DEFAULT 0.00;

--: default payment id
ALTER TABLE public.payment ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default payment status
ALTER TABLE public.payment ALTER COLUMN status SET DEFAULT 'pending';

--: default payment created_at
ALTER TABLE public.payment ALTER COLUMN created_at SET DEFAULT now();

--: default payment updated_at
ALTER TABLE public.payment ALTER COLUMN updated_at SET DEFAULT now();

--: default disbursement id
ALTER TABLE public.disbursement ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default disbursement status
ALTER TABLE public.disbursement ALTER COLUMN status SET DEFAULT 'pending';

--: default disbursement created_at
ALTER TABLE public.disbursement ALTER COLUMN created_at SET DEFAULT now();

--: default disbursement updated_at
ALTER TABLE public.disbursement ALTER COLUMN updated_at SET DEFAULT now();

--: default payment_allocation id
ALTER TABLE public.payment_allocation ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default payment_allocation created_at
ALTER TABLE public.payment_allocation ALTER COLUMN created_at SET DEFAULT now();

--: default collections_event id
ALTER TABLE public.collections_event ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default collections_event event_at
ALTER TABLE public.collections_event ALTER COLUMN event_at SET DEFAULT timezone('utc', now());

--: default collections_event dpd_snapshot
ALTER TABLE public.collections_event ALTER COLUMN dpd_snapshot SET DEFAULT 0;

--: default collections_event consecutive_missed_payments
ALTER TABLE public.collections_event ALTER COLUMN consecutive_missed_payments SET DEFAULT 0;

--: default collections_event updated_at
ALTER TABLE public.collections_event ALTER COLUMN updated_at SET DEFAULT now();

--: default ledger_account id
ALTER TABLE public.ledger_account ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default ledger_account is_active
ALTER TABLE public.ledger_account ALTER COLUMN is_active SET DEFAULT true;

--: default ledger_account created_at
ALTER TABLE public.ledger_account ALTER COLUMN created_at SET DEFAULT now();

--: default ledger_account updated_at
ALTER TABLE public.ledger_account ALTER COLUMN updated_at SET DEFAULT now();

--: default ledger_entry id
ALTER TABLE public.ledger_entry ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default ledger_entry entry_date
ALTER TABLE public.ledger_entry ALTER COLUMN entry_date SET DEFAULT CURRENT_DATE;

--: default ledger_entry created_at
ALTER TABLE public.ledger_entry ALTER COLUMN created_at SET DEFAULT now();

--: default security_interest id
ALTER TABLE public.security_interest ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default security_interest status
ALTER TABLE public.security_interest ALTER COLUMN status SET DEFAULT 'active';

--: default security_interest created_at
ALTER TABLE public.security_interest ALTER COLUMN created_at SET DEFAULT now();

--: default security_interest updated_at
ALTER TABLE public.security_interest ALTER COLUMN updated_at SET DEFAULT now();

--: default document id
ALTER TABLE public.document ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default document uploaded_at
ALTER TABLE public.document ALTER COLUMN uploaded_at SET DEFAULT timezone('utc', now());

--: default document_link id
ALTER TABLE public.document_link ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default document_link created_at
ALTER TABLE public.document_link ALTER COLUMN created_at SET DEFAULT now();

--: default fx_rate id
ALTER TABLE public.fx_rate ALTER COLUMN id SET DEFAULT public.uuidv7();

--: default fx_rate created_at
ALTER TABLE public.fx_rate ALTER COLUMN created_at SET DEFAULT now();
