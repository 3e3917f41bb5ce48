-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: keep legal_entity created_at updated_at time_zone
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'legal_entity', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END,
    'time_zone', CASE WHEN t.time_zone IS DISTINCT FROM (CASE t.country_code WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' END) THEN to_jsonb(t.time_zone) END
  )) AS kept
  FROM public.legal_entity AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'legal_entity' AND j.row_id = k.id);

--: keep product category subcategory business_unit is_active created_at updated_at grace_days tolerance_amount tolerance_pct
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'product', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'category', CASE WHEN t.category IS DISTINCT FROM (CASE WHEN starts_with(t.code, 'RC_D2C') THEN 'rently_care_d2c' WHEN starts_with(t.code, 'RCAR_D2C') THEN 'rently_care_d2c' WHEN starts_with(t.code, 'RC_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(t.code, 'RCAR_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(t.code, 'B2B_SME') THEN 'b2b_sme' WHEN starts_with(t.code, 'RNPL_UAE') THEN 'rnpl_uae' ELSE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = t.code) END) THEN to_jsonb(t.category) END,
    'subcategory', CASE WHEN t.subcategory IS DISTINCT FROM NULL THEN to_jsonb(t.subcategory) END,
    'business_unit', CASE WHEN t.business_unit IS DISTINCT FROM (CASE WHEN starts_with(t.code, 'RC_D2C') THEN 'residential' WHEN starts_with(t.code, 'RCAR_D2C') THEN 'residential' WHEN starts_with(t.code, 'RC_COLLAB') THEN 'residential' WHEN starts_with(t.code, 'RCAR_COLLAB') THEN 'residential' WHEN starts_with(t.code, 'B2B_SME') THEN 'commercial' WHEN starts_with(t.code, 'RNPL_UAE') THEN 'residential' ELSE CASE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = t.code) WHEN 'rently_care_d2c' THEN 'residential' WHEN 'rently_care_collaborative' THEN 'residential' WHEN 'b2b_sme' THEN 'commercial' WHEN 'rnpl_uae' THEN 'residential' END END) THEN to_jsonb(t.business_unit) END,
    'is_active', CASE WHEN t.is_active IS DISTINCT FROM NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END,
    'grace_days', CASE WHEN t.grace_days IS DISTINCT FROM 0 THEN to_jsonb(t.grace_days) END,
    'tolerance_amount', CASE WHEN t.tolerance_amount IS DISTINCT FROM 0 THEN to_jsonb(t.tolerance_amount) END,
    'tolerance_pct', CASE WHEN t.tolerance_pct IS DISTINCT FROM 0 THEN to_jsonb(t.tolerance_pct) END
  )) AS kept
  FROM public.product AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'product' AND j.row_id = k.id);

--: keep party is_active created_at updated_at obligor_group_id
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'party', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'is_active', CASE WHEN t.is_active IS DISTINCT FROM NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END,
    'obligor_group_id', CASE WHEN t.obligor_group_id IS DISTINCT FROM NULL THEN to_jsonb(t.obligor_group_id) END
  )) AS kept
  FROM public.party AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'party' AND j.row_id = k.id);

--: keep payment_instrument is_active created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'payment_instrument', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'is_active', CASE WHEN t.is_active IS DISTINCT FROM NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.payment_instrument AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'payment_instrument' AND j.row_id = k.id);

--: keep application created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'application', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.id) THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.application AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'application' AND j.row_id = k.id);

--: keep decision decided_at reason
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'decision', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'decided_at', CASE WHEN t.decided_at IS DISTINCT FROM (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.application_id) THEN to_jsonb(t.decided_at) END,
    'reason', CASE WHEN t.reason IS DISTINCT FROM NULL THEN to_jsonb(t.reason) END
  )) AS kept
  FROM public.decision AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'decision' AND j.row_id = k.id);

--: keep loan installment_period lease_start_date lease_end_date agent_party_id created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'loan', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'installment_period', CASE WHEN t.installment_period IS DISTINCT FROM NULL THEN to_jsonb(t.installment_period) END,
    'lease_start_date', CASE WHEN t.lease_start_date IS DISTINCT FROM NULL THEN to_jsonb(t.lease_start_date) END,
    'lease_end_date', CASE WHEN t.lease_end_date IS DISTINCT FROM NULL THEN to_jsonb(t.lease_end_date) END,
    'agent_party_id', CASE WHEN t.agent_party_id IS DISTINCT FROM NULL THEN to_jsonb(t.agent_party_id) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM coalesce((SELECT min(d.disbursed_at) FROM public.disbursement AS d WHERE d.loan_id = t.id) AT TIME ZONE 'UTC', t.start_date::timestamp AT TIME ZONE 'UTC') THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.loan AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'loan' AND j.row_id = k.id);

--: keep party_role effective_from effective_through created_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'party_role', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'effective_from', CASE WHEN t.effective_from IS DISTINCT FROM (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id) THEN to_jsonb(t.effective_from) END,
    'effective_through', CASE WHEN t.effective_through IS DISTINCT FROM NULL THEN to_jsonb(t.effective_through) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END
  )) AS kept
  FROM public.party_role AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'party_role' AND j.row_id = k.id);

--: keep amortisation_plan created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'amortisation_plan', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.amortisation_plan AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'amortisation_plan' AND j.row_id = k.id);

--: keep amortisation_line amount_interest
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'amortisation_line', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'amount_interest', CASE WHEN t.amount_interest IS DISTINCT FROM 0 THEN to_jsonb(t.amount_interest) END
  )) AS kept
  FROM public.amortisation_line AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'amortisation_line' AND j.row_id = k.id);

--: keep payment processed_at created_at updated_at reversed_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'payment', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'processed_at', CASE WHEN t.processed_at IS DISTINCT FROM NULL THEN to_jsonb(t.processed_at) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END,
    'reversed_at', CASE WHEN t.reversed_at IS DISTINCT FROM NULL THEN to_jsonb(t.reversed_at) END
  )) AS kept
  FROM public.payment AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'payment' AND j.row_id = k.id);

--: keep disbursement created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'disbursement', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.disbursement AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'disbursement' AND j.row_id = k.id);

--: keep payment_allocation created_at reversed_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'payment_allocation', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'reversed_at', CASE WHEN t.reversed_at IS DISTINCT FROM NULL THEN to_jsonb(t.reversed_at) END
  )) AS kept
  FROM public.payment_allocation AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'payment_allocation' AND j.row_id = k.id);

--: keep collections_event consecutive_missed_payments escalation_trigger resolution_status next_action_date notes updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'collections_event', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'consecutive_missed_payments', CASE WHEN t.consecutive_missed_payments IS DISTINCT FROM NULL THEN to_jsonb(t.consecutive_missed_payments) END,
    'escalation_trigger', CASE WHEN t.escalation_trigger IS DISTINCT FROM NULL THEN to_jsonb(t.escalation_trigger) END,
    'resolution_status', CASE WHEN t.resolution_status IS DISTINCT FROM NULL THEN to_jsonb(t.resolution_status) END,
    'next_action_date', CASE WHEN t.next_action_date IS DISTINCT FROM NULL THEN to_jsonb(t.next_action_date) END,
    'notes', CASE WHEN t.notes IS DISTINCT FROM NULL THEN to_jsonb(t.notes) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.collections_event AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'collections_event' AND j.row_id = k.id);

--: keep ledger_account parent_account_id is_active created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'ledger_account', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'parent_account_id', CASE WHEN t.parent_account_id IS DISTINCT FROM NULL THEN to_jsonb(t.parent_account_id) END,
    'is_active', CASE WHEN t.is_active IS DISTINCT FROM NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.ledger_account AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'ledger_account' AND j.row_id = k.id);

--: keep ledger_entry entry_date created_at journal_id
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'ledger_entry', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'entry_date', CASE WHEN t.entry_date IS DISTINCT FROM coalesce((SELECT (p.received_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.payment AS p WHERE p.id = t.payment_id), (SELECT (d.disbursed_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.disbursement AS d WHERE d.id = t.disbursement_id), (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id)) THEN to_jsonb(t.entry_date) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'journal_id', CASE WHEN t.journal_id IS DISTINCT FROM NULL THEN to_jsonb(t.journal_id) END
  )) AS kept
  FROM public.ledger_entry AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'ledger_entry' AND j.row_id = k.id);

--: keep security_interest registration_date expiry_date status created_at updated_at haircut_pct
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'security_interest', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'registration_date', CASE WHEN t.registration_date IS DISTINCT FROM NULL THEN to_jsonb(t.registration_date) END,
    'expiry_date', CASE WHEN t.expiry_date IS DISTINCT FROM NULL THEN to_jsonb(t.expiry_date) END,
    'status', CASE WHEN t.status IS DISTINCT FROM NULL THEN to_jsonb(t.status) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS DISTINCT FROM NULL THEN to_jsonb(t.updated_at) END,
    'haircut_pct', CASE WHEN t.haircut_pct IS DISTINCT FROM NULL THEN to_jsonb(t.haircut_pct) END
  )) AS kept
  FROM public.security_interest AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'security_interest' AND j.row_id = k.id);

--: keep document file_size_bytes mime_type checksum expires_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'document', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'file_size_bytes', CASE WHEN t.file_size_bytes IS DISTINCT FROM NULL THEN to_jsonb(t.file_size_bytes) END,
    'mime_type', CASE WHEN t.mime_type IS DISTINCT FROM NULL THEN to_jsonb(t.mime_type) END,
    'checksum', CASE WHEN t.checksum IS DISTINCT FROM NULL THEN to_jsonb(t.checksum) END,
    'expires_at', CASE WHEN t.expires_at IS DISTINCT FROM NULL THEN to_jsonb(t.expires_at) END
  )) AS kept
  FROM public.document AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'document' AND j.row_id = k.id);

--: keep document_link created_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'document_link', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END
  )) AS kept
  FROM public.document_link AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'document_link' AND j.row_id = k.id);

--: keep fx_rate created_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'fx_rate', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM NULL THEN to_jsonb(t.created_at) END
  )) AS kept
  FROM public.fx_rate AS t WHERE t.id > :low AND t.id <= :high
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'fx_rate' AND j.row_id = k.id);
