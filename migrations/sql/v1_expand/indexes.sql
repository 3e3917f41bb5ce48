-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: index product_limit ix_product_limit_product_id
CREATE INDEX CONCURRENTLY ix_product_limit_product_id ON public.product_limit (product_id);

--: index status_transition ix_status_transition_status_type_to
CREATE INDEX CONCURRENTLY ix_status_transition_status_type_to ON public.status_transition (status_type, "to");

--: index journal_entry ix_journal_entry_created_by
CREATE INDEX CONCURRENTLY ix_journal_entry_created_by ON public.journal_entry (created_by);

--: index journal_entry ix_journal_entry_legal_entity_id
CREATE INDEX CONCURRENTLY ix_journal_entry_legal_entity_id ON public.journal_entry (legal_entity_id);

--: index loan_flag ix_loan_flag_loan_id
CREATE INDEX CONCURRENTLY ix_loan_flag_loan_id ON public.loan_flag (loan_id);

--: index loan_status_history ix_loan_status_history_created_by
CREATE INDEX CONCURRENTLY ix_loan_status_history_created_by ON public.loan_status_history (created_by);

--: index loan_status_history ix_loan_status_history_loan_id_status_type_effective_from
CREATE INDEX CONCURRENTLY ix_loan_status_history_loan_id_status_type_effective_from ON public.loan_status_history (loan_id, status_type, effective_from);

--: index loan_status_history ix_loan_status_history_status_type_status_value
CREATE INDEX CONCURRENTLY ix_loan_status_history_status_type_status_value ON public.loan_status_history (status_type, status_value);

--: index loan_status_history one_open_status_per_type
CREATE UNIQUE INDEX CONCURRENTLY one_open_status_per_type ON public.loan_status_history (loan_id, status_type) WHERE effective_through IS NULL;

--: index loan_transfers ix_loan_transfers_approved_by
CREATE INDEX CONCURRENTLY ix_loan_transfers_approved_by ON public.loan_transfers (approved_by);

--: index loan_transfers ix_loan_transfers_source_loan_id
CREATE INDEX CONCURRENTLY ix_loan_transfers_source_loan_id ON public.loan_transfers (source_loan_id);

--: index loan_transfers ix_loan_transfers_target_loan_id
CREATE INDEX CONCURRENTLY ix_loan_transfers_target_loan_id ON public.loan_transfers (target_loan_id);

--: index payment_disputes ix_payment_disputes_assigned_to
CREATE INDEX CONCURRENTLY ix_payment_disputes_assigned_to ON public.payment_disputes (assigned_to);

--: index payment_disputes ix_payment_disputes_loan_id
CREATE INDEX CONCURRENTLY ix_payment_disputes_loan_id ON public.payment_disputes (loan_id);

--: index payment_disputes ix_payment_disputes_payment_id
CREATE INDEX CONCURRENTLY ix_payment_disputes_payment_id ON public.payment_disputes (payment_id);

--: index payment_disputes ix_payment_disputes_reported_by
CREATE INDEX CONCURRENTLY ix_payment_disputes_reported_by ON public.payment_disputes (reported_by);

--: index loan_adjustment ix_loan_adjustment_created_by
CREATE INDEX CONCURRENTLY ix_loan_adjustment_created_by ON public.loan_adjustment (created_by);

--: index loan_adjustment ix_loan_adjustment_line_id
CREATE INDEX CONCURRENTLY ix_loan_adjustment_line_id ON public.loan_adjustment (line_id);

--: index loan_adjustment ix_loan_adjustment_loan_id
CREATE INDEX CONCURRENTLY ix_loan_adjustment_loan_id ON public.loan_adjustment (loan_id);
