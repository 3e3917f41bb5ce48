-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: column legal_entity created_at
ALTER TABLE public.legal_entity ADD COLUMN created_at timestamp with time zone;

--: column legal_entity updated_at
ALTER TABLE public.legal_entity ADD COLUMN updated_at timestamp with time zone;

--: column legal_entity time_zone
ALTER TABLE public.legal_entity ADD COLUMN time_zone text;

--: column product category
ALTER TABLE public.product ADD COLUMN category text;

--: column product subcategory
ALTER TABLE public.product ADD COLUMN subcategory text;

--: column product business_unit
ALTER TABLE public.product ADD COLUMN business_unit text;

--: column product is_active
ALTER TABLE public.product ADD COLUMN is_active boolean;

--: column product created_at
ALTER TABLE public.product ADD COLUMN created_at timestamp with time zone;

--: column product updated_at
ALTER TABLE public.product ADD COLUMN updated_at timestamp with time zone;

--: column product grace_days
ALTER TABLE public.product ADD COLUMN grace_days integer NOT NULL DEFAULT 0;

--: column product tolerance_amount
ALTER TABLE public.product ADD COLUMN tolerance_amount numeric NOT NULL DEFAULT 0;

--: column product tolerance_pct
ALTER TABLE public.product ADD COLUMN tolerance_pct numeric NOT NULL DEFAULT 0;

--: column party is_active
ALTER TABLE public.party ADD COLUMN is_active boolean;

--: column party created_at
ALTER TABLE public.party ADD COLUMN created_at timestamp with time zone;

--: column party updated_at
ALTER TABLE public.party ADD COLUMN updated_at timestamp with time zone;

--: column party obligor_group_id
ALTER TABLE public.party ADD COLUMN obligor_group_id uuid;

--: column payment_instrument is_active
ALTER TABLE public.payment_instrument ADD COLUMN is_active boolean;

--: column payment_instrument created_at
ALTER TABLE public.payment_instrument ADD COLUMN created_at timestamp with time zone;

--: column payment_instrument updated_at
ALTER TABLE public.payment_instrument ADD COLUMN updated_at timestamp with time zone;

--: column application created_at
ALTER TABLE public.application ADD COLUMN created_at timestamp with time zone;

--: column application updated_at
ALTER TABLE public.application ADD COLUMN updated_at timestamp with time zone;

--: column decision decided_at
ALTER TABLE public.decision ADD COLUMN decided_at timestamp with time zone;

--: column decision reason
ALTER TABLE public.decision ADD COLUMN reason text;

--: column loan installment_period
ALTER TABLE public.loan ADD COLUMN installment_period text;

--: column loan lease_start_date
ALTER TABLE public.loan ADD COLUMN lease_start_date date;

--: column loan lease_end_date
ALTER TABLE public.loan ADD COLUMN lease_end_date date;

--: column loan agent_party_id
ALTER TABLE public.loan ADD COLUMN agent_party_id uuid;

--: column loan created_at
ALTER TABLE public.loan ADD COLUMN created_at timestamp with time zone;

--: column loan updated_at
ALTER TABLE public.loan ADD COLUMN updated_at timestamp with time zone;

--: column party_role effective_from
ALTER TABLE public.party_role ADD COLUMN effective_from date;

--: column party_role effective_through
ALTER TABLE public.party_role ADD COLUMN effective_through date;

--: column party_role created_at
ALTER TABLE public.party_role ADD COLUMN created_at timestamp with time zone;

--: column amortisation_plan created_at
ALTER TABLE public.amortisation_plan ADD COLUMN created_at timestamp with time zone;

--: column amortisation_plan updated_at
ALTER TABLE public.amortisation_plan ADD COLUMN updated_at timestamp with time zone;

--: column amortisation_line amount_interest
ALTER TABLE public.amortisation_line ADD COLUMN amount_interest numeric NOT NULL DEFAULT 0;

--: column payment processed_at
ALTER TABLE public.payment ADD COLUMN processed_at timestamp with time zone;

--: column payment created_at
ALTER TABLE public.payment ADD COLUMN created_at timestamp with time zone;

--: column payment updated_at
ALTER TABLE public.payment ADD COLUMN updated_at timestamp with time zone;

--: column payment reversed_at
ALTER TABLE public.payment ADD COLUMN reversed_at timestamp with time zone;

--: column disbursement created_at
ALTER TABLE public.disbursement ADD COLUMN created_at timestamp with time zone;

--: column disbursement updated_at
ALTER TABLE public.disbursement ADD COLUMN updated_at timestamp with time zone;

--: column payment_allocation created_at
ALTER TABLE public.payment_allocation ADD COLUMN created_at timestamp with time zone;

--: column payment_allocation reversed_at
ALTER TABLE public.payment_allocation ADD COLUMN reversed_at timestamp with time zone;

--: column collections_event consecutive_missed_payments
ALTER TABLE public.collections_event ADD COLUMN consecutive_missed_payments integer;

--: column collections_event escalation_trigger
ALTER TABLE public.collections_event ADD COLUMN escalation_trigger text;

--: column collections_event resolution_status
ALTER TABLE public.collections_event ADD COLUMN resolution_status text;

--: column collections_event next_action_date
ALTER TABLE public.collections_event ADD COLUMN next_action_date date;

--: column collections_event notes
ALTER TABLE public.collections_event ADD COLUMN notes text;

--: column collections_event updated_at
ALTER TABLE public.collections_event ADD COLUMN updated_at timestamp with time zone;

--: column ledger_account parent_account_id
ALTER TABLE public.ledger_account ADD COLUMN parent_account_id uuid;

--: column ledger_account is_active
ALTER TABLE public.ledger_account ADD COLUMN is_active boolean;

--: column ledger_account created_at
ALTER TABLE public.ledger_account ADD COLUMN created_at timestamp with time zone;

--: column ledger_account updated_at
ALTER TABLE public.ledger_account ADD COLUMN updated_at timestamp with time zone;

--: column ledger_entry entry_date
ALTER TABLE public.ledger_entry ADD COLUMN entry_date date;

--: column ledger_entry created_at
ALTER TABLE public.ledger_entry ADD COLUMN created_at timestamp with time zone;

--: column ledger_entry journal_id
ALTER TABLE public.ledger_entry ADD COLUMN journal_id uuid;

--: column security_interest registration_date
ALTER TABLE public.security_interest ADD COLUMN registration_date date;

--: column security_interest expiry_date
ALTER TABLE public.security_interest ADD COLUMN expiry_date date;

--: column security_interest status
ALTER TABLE public.security_interest ADD COLUMN status text;

--: column security_interest created_at
ALTER TABLE public.security_interest ADD COLUMN created_at timestamp with time zone;

--: column security_interest updated_at
ALTER TABLE public.security_interest ADD COLUMN updated_at timestamp with time zone;

--: column security_interest haircut_pct
ALTER TABLE public.security_interest ADD COLUMN haircut_pct numeric;

--: column document file_size_bytes
ALTER TABLE public.document ADD COLUMN file_size_bytes bigint;

--: column document mime_type
ALTER TABLE public.document ADD COLUMN mime_type text;

--: column document checksum
ALTER TABLE public.document ADD COLUMN checksum text;

--: column document expires_at
ALTER TABLE public.document ADD COLUMN expires_at timestamp with time zone;

--: column document_link created_at
ALTER TABLE public.document_link ADD COLUMN created_at timestamp with time zone;

--: column fx_rate created_at
ALTER TABLE public.fx_rate ADD COLUMN created_at timestamp with time zone;
