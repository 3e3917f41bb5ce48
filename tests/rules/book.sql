-- A small book by hand: at least one valid row in every table, every foreign key set in at least one of them.
-- What psycopg2 puts in are fixed uuids of tests/rules/book.py; the row named like its table is the one that tests copy.
INSERT INTO legal_entity (id, name, registration_no, country_code, functional_ccy) VALUES
    (%(legal_entity)s, 'Rently Technologies Pte Ltd', '202012345A', 'SG', 'SGD'),
    (%(entity_ae)s, 'Rently UAE DMCC', 'DMCC123456', 'AE', 'AED');
INSERT INTO product (id, code, name) VALUES
    (%(product)s, 'RC_D2C_001', 'Rently Care D2C Standard'),
    (%(product_ae)s, 'RNPL_UAE_001', 'Rently Now Pay Later UAE');
INSERT INTO party (id, kind, display_name, email, obligor_group_id) VALUES
    (%(group)s, 'corporate', 'Tan Holdings', NULL, NULL),
    (%(party)s, 'individual', 'Tan Mei Ling', 'mei.ling@example.com', %(group)s),
    (%(staff)s, 'agent', 'Agent Lim', NULL, NULL);
INSERT INTO payment_instrument (id, party_id, instrument_type, currency_code, is_default) VALUES
    (%(payment_instrument)s, %(party)s, 'bank_account', 'SGD', true),
    (%(instrument_aed)s, %(party)s, 'bank_account', 'AED', true);
INSERT INTO application (id, application_number, product_id, legal_entity_id, applicant_party_id, requested_amount, requested_currency,
    tenor_months, status) VALUES
    (%(application)s, 'A-1', %(product)s, %(legal_entity)s, %(party)s, 12000, 'SGD', 12, 'approved');
INSERT INTO decision (id, application_id, outcome, approved_amount, approved_currency, decided_by) VALUES
    (%(decision)s, %(application)s, 'approved', 12000, 'SGD', 'Credit committee');
INSERT INTO loan (id, loan_number, application_id, product_id, legal_entity_id, borrower_party_id, currency_code, principal_amount,
    rc_fee_rate, interest_rate, start_date, end_date, parent_loan_id, agent_party_id, lease_start_date, lease_end_date) VALUES
    (%(loan_old)s, 'L-0', NULL, %(product)s, %(legal_entity)s, %(party)s, 'SGD', 5000, 0.02, 0.05, '2023-01-01', '2024-01-01', NULL, NULL,
        NULL, NULL),
    (%(loan)s, 'L-1', %(application)s, %(product)s, %(legal_entity)s, %(party)s, 'SGD', 12000, 0.02, 0.05, '2024-01-01', '2025-01-01',
        %(loan_old)s, %(staff)s, '2024-01-01', '2025-01-01'),
    (%(loan_aed)s, 'L-2', NULL, %(product_ae)s, %(entity_ae)s, %(party)s, 'AED', 12000, 0.02, 0.05, '2024-01-01', '2025-01-01', NULL, NULL,
        NULL, NULL);
INSERT INTO loan_status_history (id, loan_id, status_type, status_value, effective_from, effective_through, reason, created_by) VALUES
    (%(loan_status_history)s, %(loan)s, 'collections_stage', 'overdue', '2024-03-01Z', '2024-04-01Z', 'Two months late', %(staff)s);
INSERT INTO party_role (id, party_id, loan_id, role, effective_from) VALUES
    (%(party_role)s, %(party)s, %(loan)s, 'borrower', '2024-01-01');
INSERT INTO amortisation_plan (id, loan_id, version, status, effective_from) VALUES
    (%(amortisation_plan)s, %(loan)s, 2, 'active', '2024-01-01'),
    (%(plan_second)s, %(loan)s, 7, 'superseded', '2024-01-01'),
    (%(plan_old)s, %(loan_old)s, 1, 'active', '2023-01-01'),
    (%(plan_aed)s, %(loan_aed)s, 1, 'active', '2024-01-01');
INSERT INTO amortisation_line (id, plan_id, seq_no, due_date, currency_code, amount_principal, amount_rc_fee, amount_penalty, amount_other)
VALUES
    (%(amortisation_line)s, %(amortisation_plan)s, 1, '2024-02-01', 'SGD', 1000, 20, 0, 0),
    (%(line_second)s, %(plan_second)s, 1, '2024-02-01', 'SGD', 1000, 20, 0, 0),
    (%(line_old)s, %(plan_old)s, 1, '2023-02-01', 'SGD', 1000, 20, 0, 0),
    (%(line_aed)s, %(plan_aed)s, 1, '2024-02-01', 'AED', 1000, 20, 0, 0);
INSERT INTO payment (id, legal_entity_id, currency_code, amount, direction, provider, external_reference, payer_party_id, payee_party_id,
    instrument_id, received_at, status) VALUES
    (%(payment)s, %(legal_entity)s, 'SGD', 100, 'inbound', 'stripe', 'pi_1', %(party)s, %(staff)s, %(payment_instrument)s, '2024-02-01',
        'completed'),
    (%(payment_two)s, %(legal_entity)s, 'SGD', 100, 'inbound', 'stripe', 'pi_2', %(party)s, NULL, NULL, '2024-02-02', 'completed'),
    (%(payment_booked)s, %(legal_entity)s, 'SGD', 100, 'inbound', 'stripe', 'pi_3', %(party)s, NULL, NULL, '2024-02-03', 'completed'),
    (%(payment_aed)s, %(entity_ae)s, 'AED', 100, 'inbound', NULL, NULL, %(party)s, NULL, NULL, '2024-02-02', 'completed');
INSERT INTO disbursement (id, loan_id, legal_entity_id, instrument_id, currency_code, amount, disbursed_at, status) VALUES
    (%(disbursement)s, %(loan)s, %(legal_entity)s, %(payment_instrument)s, 'SGD', 12000, '2024-01-01', 'completed');
INSERT INTO payment_allocation (id, payment_id, loan_id, plan_id, line_id, component, allocated_amount) VALUES
    (%(payment_allocation)s, %(payment)s, %(loan)s, %(amortisation_plan)s, %(amortisation_line)s, 'principal', 10);
INSERT INTO collections_event (id, loan_id, event_type, event_at, actor_party_id, dpd_snapshot, amount_involved, currency_code) VALUES
    (%(collections_event)s, %(loan)s, 'reminder_sent', '2024-03-01', %(staff)s, 28, 1020, 'SGD');
INSERT INTO ledger_account (id, legal_entity_id, code, name, type, parent_account_id) VALUES
    (%(account_assets)s, %(legal_entity)s, '1000', 'Assets', 'asset', NULL),
    (%(ledger_account)s, %(legal_entity)s, '1100', 'Cash', 'asset', %(account_assets)s),
    (%(account_ae)s, %(entity_ae)s, '1000', 'Assets', 'asset', NULL);
INSERT INTO journal_entry (id, legal_entity_id, effective_date, description, created_by) VALUES
    (%(journal_entry)s, %(legal_entity)s, '2024-02-01', 'Instalment received', %(staff)s);
INSERT INTO ledger_entry (id, legal_entity_id, account_id, loan_id, payment_id, disbursement_id, currency_code, amount, side, journal_id)
VALUES
    (%(ledger_entry)s, %(legal_entity)s, %(ledger_account)s, %(loan)s, %(payment)s, %(disbursement)s, 'SGD', 10, 'debit', %(journal_entry)s),
    (%(entry_credit)s, %(legal_entity)s, %(account_assets)s, %(loan)s, %(payment)s, NULL, 'SGD', 10, 'credit', %(journal_entry)s),
    (%(entry_loose)s, %(legal_entity)s, %(account_assets)s, NULL, %(payment_booked)s, NULL, 'SGD', 10, 'credit', NULL);
INSERT INTO security_interest (id, loan_id, type, party_id, value_amount, value_ccy, haircut_pct) VALUES
    (%(security_interest)s, %(loan)s, 'deposit', %(party)s, 2000, 'SGD', 0.1);
INSERT INTO document (id, title, kind, storage_url) VALUES (%(document)s, 'Lease', 'lease_agreement', 's3://documents/lease.pdf');
INSERT INTO document_link (id, document_id, entity_type, entity_id) VALUES (%(document_link)s, %(document)s, 'loan', %(loan)s);
INSERT INTO fx_rate (id, as_of_date, from_ccy, to_ccy, rate, source) VALUES (%(fx_rate)s, '2024-01-01', 'AED', 'SGD', 0.365, 'mas');
INSERT INTO payment_disputes (id, payment_id, loan_id, dispute_type, reported_by, assigned_to) VALUES
    (%(payment_disputes)s, %(payment)s, %(loan)s, 'amount_mismatch', %(party)s, %(staff)s);
INSERT INTO loan_transfers (id, source_loan_id, target_loan_id, transfer_type, transfer_amount, approved_by) VALUES
    (%(loan_transfers)s, %(loan_old)s, %(loan)s, 'lease_renewal', 500, %(staff)s);
INSERT INTO loan_adjustment (id, loan_id, line_id, component, kind, amount, effective_date, reason, created_by) VALUES
    (%(loan_adjustment)s, %(loan)s, %(amortisation_line)s, 'penalty', 'waiver', 5, '2024-03-01', 'Goodwill', %(staff)s);
INSERT INTO loan_flag (id, loan_id, flag, effective_from) VALUES (%(loan_flag)s, %(loan)s, 'forborne', '2024-03-01');
INSERT INTO analytics_setting (id, key, value, valid_from, source) VALUES (%(analytics_setting)s, 'rules_test', '1', '2024-01-01', 'test');
INSERT INTO classification_rule (id, country_code, class, threshold_days, operator, probation_days, valid_from, source) VALUES
    (%(classification_rule)s, 'SG', 'rules_test', 90, 'more_than', 90, '2024-01-01', 'test');
INSERT INTO dpd_bucket (id, scheme, label, sort, days, valid_from, source) VALUES
    (%(dpd_bucket)s, 'rules_test', '1-30', 1, '[1,31)', '2024-01-01', 'test');
INSERT INTO provision_rate (id, country_code, product_category, class, rate, valid_from, source) VALUES
    (%(provision_rate)s, 'SG', 'rnpl_uae', 'rules_test', 0.5, '2024-01-01', 'test');
INSERT INTO product_limit (id, product_id, country_code, min_amount, max_amount, max_tenor_months, valid_from, source) VALUES
    (%(product_limit)s, %(product)s, 'SG', 100, 20000, 24, '2024-01-01', 'test');
INSERT INTO status_transition (id, entity, status_type, "from", "to", valid_from, source) VALUES
    (%(status_transition)s, 'rules_test', 'risk_level', 'normal', 'risk', '2024-01-01', 'test');
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, state) VALUES
    ('repair', 'rules_test', 'rules_test', %(loan)s, 'reported');
INSERT INTO ops.value_mapping (table_name, column_name, from_value, to_value) VALUES ('rules_test', 'status', 'old', 'new');
INSERT INTO ops.tally (table_name, origin, digest_delta, money_delta) VALUES ('rules_test', 'application', 0, '{}');
INSERT INTO ops.quarantine_request (table_name, row_id, rule, content) VALUES ('rules_test', %(loan)s, 'rules_test', '{}');
INSERT INTO ops.worklist (step, row_id) VALUES ('rules_test', %(loan)s);
