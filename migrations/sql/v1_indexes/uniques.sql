-- Frozen for v1_indexes: python -m rently_db.migrate.freeze v1

--: unique party_role party_role_party_id_loan_id_role_effective_from_key
ALTER TABLE public.party_role ADD CONSTRAINT party_role_party_id_loan_id_role_effective_from_key UNIQUE (party_id, loan_id, role, effective_from);

--: unique amortisation_plan amortisation_plan_loan_id_version_key
ALTER TABLE public.amortisation_plan ADD CONSTRAINT amortisation_plan_loan_id_version_key UNIQUE (loan_id, version);

--: unique amortisation_line amortisation_line_plan_id_seq_no_key
ALTER TABLE public.amortisation_line ADD CONSTRAINT amortisation_line_plan_id_seq_no_key UNIQUE (plan_id, seq_no);

--: unique ledger_account ledger_account_legal_entity_id_code_key
ALTER TABLE public.ledger_account ADD CONSTRAINT ledger_account_legal_entity_id_code_key UNIQUE (legal_entity_id, code);

--: unique document_link document_link_document_id_entity_type_entity_id_key
ALTER TABLE public.document_link ADD CONSTRAINT document_link_document_id_entity_type_entity_id_key UNIQUE (document_id, entity_type, entity_id);

--: unique fx_rate fx_rate_as_of_date_from_ccy_to_ccy_source_key
ALTER TABLE public.fx_rate ADD CONSTRAINT fx_rate_as_of_date_from_ccy_to_ccy_source_key UNIQUE (as_of_date, from_ccy, to_ccy, source);
