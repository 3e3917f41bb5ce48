-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: index party ix_party_obligor_group_id
CREATE INDEX CONCURRENTLY ix_party_obligor_group_id ON public.party (obligor_group_id);

--: index payment_instrument ix_payment_instrument_party_id
CREATE INDEX CONCURRENTLY ix_payment_instrument_party_id ON public.payment_instrument (party_id);

--: index application ix_application_applicant_party_id
CREATE INDEX CONCURRENTLY ix_application_applicant_party_id ON public.application (applicant_party_id);

--: index application ix_application_legal_entity_id
CREATE INDEX CONCURRENTLY ix_application_legal_entity_id ON public.application (legal_entity_id);

--: index application ix_application_product_id
CREATE INDEX CONCURRENTLY ix_application_product_id ON public.application (product_id);

--: index decision ix_decision_application_id
CREATE INDEX CONCURRENTLY ix_decision_application_id ON public.decision (application_id);

--: index loan ix_loan_agent_party_id
CREATE INDEX CONCURRENTLY ix_loan_agent_party_id ON public.loan (agent_party_id);

--: index loan ix_loan_application_id
CREATE INDEX CONCURRENTLY ix_loan_application_id ON public.loan (application_id);

--: index loan ix_loan_borrower_party_id
CREATE INDEX CONCURRENTLY ix_loan_borrower_party_id ON public.loan (borrower_party_id);

--: index loan ix_loan_legal_entity_id
CREATE INDEX CONCURRENTLY ix_loan_legal_entity_id ON public.loan (legal_entity_id);

--: index loan ix_loan_parent_loan_id
CREATE INDEX CONCURRENTLY ix_loan_parent_loan_id ON public.loan (parent_loan_id);

--: index loan ix_loan_product_id
CREATE INDEX CONCURRENTLY ix_loan_product_id ON public.loan (product_id);

--: index loan ix_loan_status
CREATE INDEX CONCURRENTLY ix_loan_status ON public.loan (status);

--: index party_role ix_party_role_loan_id
CREATE INDEX CONCURRENTLY ix_party_role_loan_id ON public.party_role (loan_id);

--: index amortisation_line ix_amortisation_line_due_date
CREATE INDEX CONCURRENTLY ix_amortisation_line_due_date ON public.amortisation_line (due_date);

--: index payment ix_payment_instrument_id
CREATE INDEX CONCURRENTLY ix_payment_instrument_id ON public.payment (instrument_id);

--: index payment ix_payment_legal_entity_id
CREATE INDEX CONCURRENTLY ix_payment_legal_entity_id ON public.payment (legal_entity_id);

--: index payment ix_payment_payee_party_id
CREATE INDEX CONCURRENTLY ix_payment_payee_party_id ON public.payment (payee_party_id);

--: index payment ix_payment_payer_party_id
CREATE INDEX CONCURRENTLY ix_payment_payer_party_id ON public.payment (payer_party_id);

--: index payment ix_payment_received_at
CREATE INDEX CONCURRENTLY ix_payment_received_at ON public.payment (received_at);

--: index disbursement ix_disbursement_instrument_id
CREATE INDEX CONCURRENTLY ix_disbursement_instrument_id ON public.disbursement (instrument_id);

--: index disbursement ix_disbursement_legal_entity_id
CREATE INDEX CONCURRENTLY ix_disbursement_legal_entity_id ON public.disbursement (legal_entity_id);

--: index disbursement ix_disbursement_loan_id
CREATE INDEX CONCURRENTLY ix_disbursement_loan_id ON public.disbursement (loan_id);

--: index payment_allocation ix_payment_allocation_line_id
CREATE INDEX CONCURRENTLY ix_payment_allocation_line_id ON public.payment_allocation (line_id);

--: index payment_allocation ix_payment_allocation_loan_id
CREATE INDEX CONCURRENTLY ix_payment_allocation_loan_id ON public.payment_allocation (loan_id);

--: index payment_allocation ix_payment_allocation_payment_id
CREATE INDEX CONCURRENTLY ix_payment_allocation_payment_id ON public.payment_allocation (payment_id);

--: index payment_allocation ix_payment_allocation_plan_id
CREATE INDEX CONCURRENTLY ix_payment_allocation_plan_id ON public.payment_allocation (plan_id);

--: index collections_event ix_collections_event_actor_party_id
CREATE INDEX CONCURRENTLY ix_collections_event_actor_party_id ON public.collections_event (actor_party_id);

--: index collections_event ix_collections_event_loan_id
CREATE INDEX CONCURRENTLY ix_collections_event_loan_id ON public.collections_event (loan_id);

--: index ledger_account ix_ledger_account_parent_account_id
CREATE INDEX CONCURRENTLY ix_ledger_account_parent_account_id ON public.ledger_account (parent_account_id);

--: index security_interest ix_security_interest_loan_id
CREATE INDEX CONCURRENTLY ix_security_interest_loan_id ON public.security_interest (loan_id);

--: index security_interest ix_security_interest_party_id
CREATE INDEX CONCURRENTLY ix_security_interest_party_id ON public.security_interest (party_id);
