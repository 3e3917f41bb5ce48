-- Frozen for v1_indexes: python -m rently_db.migrate.freeze v1

--: index payment_instrument one_default_instrument
CREATE UNIQUE INDEX CONCURRENTLY one_default_instrument ON public.payment_instrument (party_id, currency_code) WHERE is_default AND is_active IS DISTINCT FROM false;

--: index party_role one_current_party_role
CREATE UNIQUE INDEX CONCURRENTLY one_current_party_role ON public.party_role (party_id, loan_id, role) WHERE effective_through IS NULL;

--: index amortisation_plan one_active_plan_per_loan
CREATE UNIQUE INDEX CONCURRENTLY one_active_plan_per_loan ON public.amortisation_plan (loan_id) WHERE status = 'active';

--: index payment one_payment_per_reference
CREATE UNIQUE INDEX CONCURRENTLY one_payment_per_reference ON public.payment (coalesce(provider, ''), external_reference) WHERE external_reference IS NOT NULL;

--: index ledger_entry ix_ledger_entry_account_id
CREATE INDEX CONCURRENTLY ix_ledger_entry_account_id ON public.ledger_entry (account_id);

--: index ledger_entry ix_ledger_entry_disbursement_id
CREATE INDEX CONCURRENTLY ix_ledger_entry_disbursement_id ON public.ledger_entry (disbursement_id);

--: index ledger_entry ix_ledger_entry_journal_id
CREATE INDEX CONCURRENTLY ix_ledger_entry_journal_id ON public.ledger_entry (journal_id);

--: index ledger_entry ix_ledger_entry_legal_entity_id
CREATE INDEX CONCURRENTLY ix_ledger_entry_legal_entity_id ON public.ledger_entry (legal_entity_id);

--: index ledger_entry ix_ledger_entry_loan_id
CREATE INDEX CONCURRENTLY ix_ledger_entry_loan_id ON public.ledger_entry (loan_id);

--: index ledger_entry ix_ledger_entry_payment_id
CREATE INDEX CONCURRENTLY ix_ledger_entry_payment_id ON public.ledger_entry (payment_id);
