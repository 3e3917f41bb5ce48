-- Frozen for v1_validate: python -m rently_db.migrate.freeze v1

--: foreign_key product_limit product_limit_product_id_fkey product_id
ALTER TABLE public.product_limit ADD CONSTRAINT product_limit_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.product (id) ON DELETE RESTRICT;

--: foreign_key status_transition status_transition_status_type_to_fkey status_type
ALTER TABLE public.status_transition ADD CONSTRAINT status_transition_status_type_to_fkey FOREIGN KEY (status_type, "to") REFERENCES public.status_value (status_type, status_value) ON DELETE RESTRICT;

--: foreign_key journal_entry journal_entry_created_by_fkey created_by
ALTER TABLE public.journal_entry ADD CONSTRAINT journal_entry_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key journal_entry journal_entry_legal_entity_id_fkey legal_entity_id
ALTER TABLE public.journal_entry ADD CONSTRAINT journal_entry_legal_entity_id_fkey FOREIGN KEY (legal_entity_id) REFERENCES public.legal_entity (id) ON DELETE RESTRICT;

--: foreign_key loan_flag loan_flag_loan_id_fkey loan_id
ALTER TABLE public.loan_flag ADD CONSTRAINT loan_flag_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key loan_status_history loan_status_history_created_by_fkey created_by
ALTER TABLE public.loan_status_history ADD CONSTRAINT loan_status_history_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key loan_status_history loan_status_history_loan_id_fkey loan_id
ALTER TABLE public.loan_status_history ADD CONSTRAINT loan_status_history_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key loan_status_history loan_status_history_status_type_status_value_fkey status_type
ALTER TABLE public.loan_status_history ADD CONSTRAINT loan_status_history_status_type_status_value_fkey FOREIGN KEY (status_type, status_value) REFERENCES public.status_value (status_type, status_value) ON DELETE RESTRICT;

--: foreign_key loan_transfers loan_transfers_approved_by_fkey approved_by
ALTER TABLE public.loan_transfers ADD CONSTRAINT loan_transfers_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key loan_transfers loan_transfers_source_loan_id_fkey source_loan_id
ALTER TABLE public.loan_transfers ADD CONSTRAINT loan_transfers_source_loan_id_fkey FOREIGN KEY (source_loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key loan_transfers loan_transfers_target_loan_id_fkey target_loan_id
ALTER TABLE public.loan_transfers ADD CONSTRAINT loan_transfers_target_loan_id_fkey FOREIGN KEY (target_loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key payment_disputes payment_disputes_assigned_to_fkey assigned_to
ALTER TABLE public.payment_disputes ADD CONSTRAINT payment_disputes_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key payment_disputes payment_disputes_loan_id_fkey loan_id
ALTER TABLE public.payment_disputes ADD CONSTRAINT payment_disputes_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key payment_disputes payment_disputes_payment_id_fkey payment_id
ALTER TABLE public.payment_disputes ADD CONSTRAINT payment_disputes_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES public.payment (id) ON DELETE RESTRICT;

--: foreign_key payment_disputes payment_disputes_reported_by_fkey reported_by
ALTER TABLE public.payment_disputes ADD CONSTRAINT payment_disputes_reported_by_fkey FOREIGN KEY (reported_by) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key loan_adjustment loan_adjustment_created_by_fkey created_by
ALTER TABLE public.loan_adjustment ADD CONSTRAINT loan_adjustment_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key loan_adjustment loan_adjustment_line_id_fkey line_id
ALTER TABLE public.loan_adjustment ADD CONSTRAINT loan_adjustment_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.amortisation_line (id) ON DELETE RESTRICT;

--: foreign_key loan_adjustment loan_adjustment_loan_id_fkey loan_id
ALTER TABLE public.loan_adjustment ADD CONSTRAINT loan_adjustment_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key legal_entity legal_entity_functional_ccy_fkey functional_ccy
ALTER TABLE public.legal_entity ADD CONSTRAINT legal_entity_functional_ccy_fkey FOREIGN KEY (functional_ccy) REFERENCES public.currency (code) ON DELETE RESTRICT;

--: foreign_key party party_obligor_group_id_fkey obligor_group_id
ALTER TABLE public.party ADD CONSTRAINT party_obligor_group_id_fkey FOREIGN KEY (obligor_group_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key payment_instrument payment_instrument_currency_code_fkey currency_code
ALTER TABLE public.payment_instrument ADD CONSTRAINT payment_instrument_currency_code_fkey FOREIGN KEY (currency_code) REFERENCES public.currency (code) ON DELETE RESTRICT;

--: foreign_key payment_instrument payment_instrument_party_id_fkey party_id
ALTER TABLE public.payment_instrument ADD CONSTRAINT payment_instrument_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.party (id) ON DELETE CASCADE;

--: foreign_key application application_applicant_party_id_fkey applicant_party_id
ALTER TABLE public.application ADD CONSTRAINT application_applicant_party_id_fkey FOREIGN KEY (applicant_party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key application application_legal_entity_id_fkey legal_entity_id
ALTER TABLE public.application ADD CONSTRAINT application_legal_entity_id_fkey FOREIGN KEY (legal_entity_id) REFERENCES public.legal_entity (id) ON DELETE RESTRICT;

--: foreign_key application application_product_id_fkey product_id
ALTER TABLE public.application ADD CONSTRAINT application_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.product (id) ON DELETE RESTRICT;

--: foreign_key application application_requested_currency_fkey requested_currency
ALTER TABLE public.application ADD CONSTRAINT application_requested_currency_fkey FOREIGN KEY (requested_currency) REFERENCES public.currency (code) ON DELETE RESTRICT;

--: foreign_key decision decision_application_id_fkey application_id
ALTER TABLE public.decision ADD CONSTRAINT decision_application_id_fkey FOREIGN KEY (application_id) REFERENCES public.application (id) ON DELETE RESTRICT;

--: foreign_key loan loan_agent_party_id_fkey agent_party_id
ALTER TABLE public.loan ADD CONSTRAINT loan_agent_party_id_fkey FOREIGN KEY (agent_party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key loan loan_application_id_fkey application_id
ALTER TABLE public.loan ADD CONSTRAINT loan_application_id_fkey FOREIGN KEY (application_id) REFERENCES public.application (id) ON DELETE RESTRICT;

--: foreign_key loan loan_borrower_party_id_fkey borrower_party_id
ALTER TABLE public.loan ADD CONSTRAINT loan_borrower_party_id_fkey FOREIGN KEY (borrower_party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key loan loan_currency_code_fkey currency_code
ALTER TABLE public.loan ADD CONSTRAINT loan_currency_code_fkey FOREIGN KEY (currency_code) REFERENCES public.currency (code) ON DELETE RESTRICT;

--: foreign_key loan loan_legal_entity_id_fkey legal_entity_id
ALTER TABLE public.loan ADD CONSTRAINT loan_legal_entity_id_fkey FOREIGN KEY (legal_entity_id) REFERENCES public.legal_entity (id) ON DELETE RESTRICT;

--: foreign_key loan loan_parent_loan_id_fkey parent_loan_id
ALTER TABLE public.loan ADD CONSTRAINT loan_parent_loan_id_fkey FOREIGN KEY (parent_loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key loan loan_product_id_fkey product_id
ALTER TABLE public.loan ADD CONSTRAINT loan_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.product (id) ON DELETE RESTRICT;

--: foreign_key party_role party_role_loan_id_fkey loan_id
ALTER TABLE public.party_role ADD CONSTRAINT party_role_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key party_role party_role_party_id_fkey party_id
ALTER TABLE public.party_role ADD CONSTRAINT party_role_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key amortisation_plan amortisation_plan_loan_id_fkey loan_id
ALTER TABLE public.amortisation_plan ADD CONSTRAINT amortisation_plan_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key amortisation_line amortisation_line_plan_id_fkey plan_id
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.amortisation_plan (id) ON DELETE RESTRICT;

--: foreign_key payment payment_instrument_id_fkey instrument_id
ALTER TABLE public.payment ADD CONSTRAINT payment_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES public.payment_instrument (id) ON DELETE RESTRICT;

--: foreign_key payment payment_legal_entity_id_fkey legal_entity_id
ALTER TABLE public.payment ADD CONSTRAINT payment_legal_entity_id_fkey FOREIGN KEY (legal_entity_id) REFERENCES public.legal_entity (id) ON DELETE RESTRICT;

--: foreign_key payment payment_payee_party_id_fkey payee_party_id
ALTER TABLE public.payment ADD CONSTRAINT payment_payee_party_id_fkey FOREIGN KEY (payee_party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key payment payment_payer_party_id_fkey payer_party_id
ALTER TABLE public.payment ADD CONSTRAINT payment_payer_party_id_fkey FOREIGN KEY (payer_party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key disbursement disbursement_instrument_id_fkey instrument_id
ALTER TABLE public.disbursement ADD CONSTRAINT disbursement_instrument_id_fkey FOREIGN KEY (instrument_id) REFERENCES public.payment_instrument (id) ON DELETE RESTRICT;

--: foreign_key disbursement disbursement_legal_entity_id_fkey legal_entity_id
ALTER TABLE public.disbursement ADD CONSTRAINT disbursement_legal_entity_id_fkey FOREIGN KEY (legal_entity_id) REFERENCES public.legal_entity (id) ON DELETE RESTRICT;

--: foreign_key disbursement disbursement_loan_id_fkey loan_id
ALTER TABLE public.disbursement ADD CONSTRAINT disbursement_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key payment_allocation payment_allocation_line_id_fkey line_id
ALTER TABLE public.payment_allocation ADD CONSTRAINT payment_allocation_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.amortisation_line (id) ON DELETE RESTRICT;

--: foreign_key payment_allocation payment_allocation_loan_id_fkey loan_id
ALTER TABLE public.payment_allocation ADD CONSTRAINT payment_allocation_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key payment_allocation payment_allocation_payment_id_fkey payment_id
ALTER TABLE public.payment_allocation ADD CONSTRAINT payment_allocation_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES public.payment (id) ON DELETE RESTRICT;

--: foreign_key payment_allocation payment_allocation_plan_id_fkey plan_id
ALTER TABLE public.payment_allocation ADD CONSTRAINT payment_allocation_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES public.amortisation_plan (id) ON DELETE RESTRICT;

--: foreign_key collections_event collections_event_actor_party_id_fkey actor_party_id
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_actor_party_id_fkey FOREIGN KEY (actor_party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key collections_event collections_event_loan_id_fkey loan_id
ALTER TABLE public.collections_event ADD CONSTRAINT collections_event_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key ledger_account ledger_account_legal_entity_id_fkey legal_entity_id
ALTER TABLE public.ledger_account ADD CONSTRAINT ledger_account_legal_entity_id_fkey FOREIGN KEY (legal_entity_id) REFERENCES public.legal_entity (id) ON DELETE RESTRICT;

--: foreign_key ledger_account ledger_account_parent_account_id_fkey parent_account_id
ALTER TABLE public.ledger_account ADD CONSTRAINT ledger_account_parent_account_id_fkey FOREIGN KEY (parent_account_id) REFERENCES public.ledger_account (id) ON DELETE RESTRICT;

--: foreign_key ledger_entry ledger_entry_account_id_fkey account_id
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.ledger_account (id) ON DELETE RESTRICT;

--: foreign_key ledger_entry ledger_entry_disbursement_id_fkey disbursement_id
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_disbursement_id_fkey FOREIGN KEY (disbursement_id) REFERENCES public.disbursement (id) ON DELETE RESTRICT;

--: foreign_key ledger_entry ledger_entry_journal_id_fkey journal_id
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES public.journal_entry (id) ON DELETE RESTRICT;

--: foreign_key ledger_entry ledger_entry_legal_entity_id_fkey legal_entity_id
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_legal_entity_id_fkey FOREIGN KEY (legal_entity_id) REFERENCES public.legal_entity (id) ON DELETE RESTRICT;

--: foreign_key ledger_entry ledger_entry_loan_id_fkey loan_id
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key ledger_entry ledger_entry_payment_id_fkey payment_id
ALTER TABLE public.ledger_entry ADD CONSTRAINT ledger_entry_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES public.payment (id) ON DELETE RESTRICT;

--: foreign_key security_interest security_interest_loan_id_fkey loan_id
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES public.loan (id) ON DELETE RESTRICT;

--: foreign_key security_interest security_interest_party_id_fkey party_id
ALTER TABLE public.security_interest ADD CONSTRAINT security_interest_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.party (id) ON DELETE RESTRICT;

--: foreign_key document_link document_link_document_id_fkey document_id
ALTER TABLE public.document_link ADD CONSTRAINT document_link_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document (id) ON DELETE CASCADE;

--: foreign_key fx_rate fx_rate_from_ccy_fkey from_ccy
ALTER TABLE public.fx_rate ADD CONSTRAINT fx_rate_from_ccy_fkey FOREIGN KEY (from_ccy) REFERENCES public.currency (code) ON DELETE RESTRICT;

--: foreign_key fx_rate fx_rate_to_ccy_fkey to_ccy
ALTER TABLE public.fx_rate ADD CONSTRAINT fx_rate_to_ccy_fkey FOREIGN KEY (to_ccy) REFERENCES public.currency (code) ON DELETE RESTRICT;
