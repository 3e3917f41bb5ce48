-- Frozen for v1_expand: python -m rently_db.migrate.freeze v1

--: find keep-legal_entity
SELECT t.id FROM public.legal_entity AS t
WHERE t.created_at IS NOT NULL OR t.updated_at IS NOT NULL OR t.time_zone IS DISTINCT FROM (CASE t.country_code WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' END);

--: keep keep-legal_entity legal_entity created_at updated_at time_zone
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'legal_entity', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END,
    'time_zone', CASE WHEN t.time_zone IS DISTINCT FROM (CASE t.country_code WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' END) THEN to_jsonb(t.time_zone) END
  )) AS kept
  FROM public.legal_entity AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-legal_entity' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'legal_entity' AND j.row_id = k.id);

--: find keep-product
SELECT t.id FROM public.product AS t
WHERE t.category IS DISTINCT FROM (CASE WHEN starts_with(t.code, 'RC_D2C') THEN 'rently_care_d2c' WHEN starts_with(t.code, 'RCAR_D2C') THEN 'rently_care_d2c' WHEN starts_with(t.code, 'RC_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(t.code, 'RCAR_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(t.code, 'B2B_SME') THEN 'b2b_sme' WHEN starts_with(t.code, 'RNPL_UAE') THEN 'rnpl_uae' ELSE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = t.code) END) OR t.subcategory IS NOT NULL OR t.business_unit IS DISTINCT FROM (CASE WHEN starts_with(t.code, 'RC_D2C') THEN 'residential' WHEN starts_with(t.code, 'RCAR_D2C') THEN 'residential' WHEN starts_with(t.code, 'RC_COLLAB') THEN 'residential' WHEN starts_with(t.code, 'RCAR_COLLAB') THEN 'residential' WHEN starts_with(t.code, 'B2B_SME') THEN 'commercial' WHEN starts_with(t.code, 'RNPL_UAE') THEN 'residential' ELSE CASE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = t.code) WHEN 'rently_care_d2c' THEN 'residential' WHEN 'rently_care_collaborative' THEN 'residential' WHEN 'b2b_sme' THEN 'commercial' WHEN 'rnpl_uae' THEN 'residential' END END) OR t.is_active IS NOT NULL OR t.created_at IS NOT NULL OR t.updated_at IS NOT NULL OR t.grace_days IS DISTINCT FROM 0 OR t.tolerance_amount IS DISTINCT FROM 0 OR t.tolerance_pct IS DISTINCT FROM 0;

--: keep keep-product product category subcategory business_unit is_active created_at updated_at grace_days tolerance_amount tolerance_pct
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'product', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'category', CASE WHEN t.category IS DISTINCT FROM (CASE WHEN starts_with(t.code, 'RC_D2C') THEN 'rently_care_d2c' WHEN starts_with(t.code, 'RCAR_D2C') THEN 'rently_care_d2c' WHEN starts_with(t.code, 'RC_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(t.code, 'RCAR_COLLAB') THEN 'rently_care_collaborative' WHEN starts_with(t.code, 'B2B_SME') THEN 'b2b_sme' WHEN starts_with(t.code, 'RNPL_UAE') THEN 'rnpl_uae' ELSE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = t.code) END) THEN to_jsonb(t.category) END,
    'subcategory', CASE WHEN t.subcategory IS NOT NULL THEN to_jsonb(t.subcategory) END,
    'business_unit', CASE WHEN t.business_unit IS DISTINCT FROM (CASE WHEN starts_with(t.code, 'RC_D2C') THEN 'residential' WHEN starts_with(t.code, 'RCAR_D2C') THEN 'residential' WHEN starts_with(t.code, 'RC_COLLAB') THEN 'residential' WHEN starts_with(t.code, 'RCAR_COLLAB') THEN 'residential' WHEN starts_with(t.code, 'B2B_SME') THEN 'commercial' WHEN starts_with(t.code, 'RNPL_UAE') THEN 'residential' ELSE CASE (SELECT m.to_value FROM ops.value_mapping m WHERE m.table_name = 'product' AND m.column_name = 'category' AND m.from_value = t.code) WHEN 'rently_care_d2c' THEN 'residential' WHEN 'rently_care_collaborative' THEN 'residential' WHEN 'b2b_sme' THEN 'commercial' WHEN 'rnpl_uae' THEN 'residential' END END) THEN to_jsonb(t.business_unit) END,
    'is_active', CASE WHEN t.is_active IS NOT NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END,
    'grace_days', CASE WHEN t.grace_days IS DISTINCT FROM 0 THEN to_jsonb(t.grace_days) END,
    'tolerance_amount', CASE WHEN t.tolerance_amount IS DISTINCT FROM 0 THEN to_jsonb(t.tolerance_amount) END,
    'tolerance_pct', CASE WHEN t.tolerance_pct IS DISTINCT FROM 0 THEN to_jsonb(t.tolerance_pct) END
  )) AS kept
  FROM public.product AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-product' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'product' AND j.row_id = k.id);

--: find keep-party
SELECT t.id FROM public.party AS t
WHERE t.is_active IS NOT NULL OR t.created_at IS NOT NULL OR t.updated_at IS NOT NULL OR t.obligor_group_id IS NOT NULL;

--: keep keep-party party is_active created_at updated_at obligor_group_id
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'party', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'is_active', CASE WHEN t.is_active IS NOT NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END,
    'obligor_group_id', CASE WHEN t.obligor_group_id IS NOT NULL THEN to_jsonb(t.obligor_group_id) END
  )) AS kept
  FROM public.party AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-party' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'party' AND j.row_id = k.id);

--: find keep-payment_instrument
SELECT t.id FROM public.payment_instrument AS t
WHERE t.is_active IS NOT NULL OR t.created_at IS NOT NULL OR t.updated_at IS NOT NULL;

--: keep keep-payment_instrument payment_instrument is_active created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'payment_instrument', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'is_active', CASE WHEN t.is_active IS NOT NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.payment_instrument AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-payment_instrument' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'payment_instrument' AND j.row_id = k.id);

--: find keep-application
SELECT t.id FROM public.application AS t
WHERE t.created_at IS DISTINCT FROM (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.id) OR t.updated_at IS NOT NULL;

--: keep keep-application application created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'application', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.id) THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.application AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-application' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'application' AND j.row_id = k.id);

--: find keep-decision
SELECT t.id FROM public.decision AS t
WHERE t.decided_at IS DISTINCT FROM (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.application_id) OR t.reason IS NOT NULL;

--: keep keep-decision decision decided_at reason
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'decision', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'decided_at', CASE WHEN t.decided_at IS DISTINCT FROM (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.application_id) THEN to_jsonb(t.decided_at) END,
    'reason', CASE WHEN t.reason IS NOT NULL THEN to_jsonb(t.reason) END
  )) AS kept
  FROM public.decision AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-decision' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'decision' AND j.row_id = k.id);

--: find keep-loan
SELECT t.id FROM public.loan AS t
WHERE t.installment_period IS NOT NULL OR t.lease_start_date IS NOT NULL OR t.lease_end_date IS NOT NULL OR t.agent_party_id IS NOT NULL OR t.created_at IS DISTINCT FROM coalesce((SELECT min(d.disbursed_at) FROM public.disbursement AS d WHERE d.loan_id = t.id) AT TIME ZONE 'UTC', t.start_date::timestamp AT TIME ZONE 'UTC') OR t.updated_at IS NOT NULL;

--: keep keep-loan loan installment_period lease_start_date lease_end_date agent_party_id created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'loan', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'installment_period', CASE WHEN t.installment_period IS NOT NULL THEN to_jsonb(t.installment_period) END,
    'lease_start_date', CASE WHEN t.lease_start_date IS NOT NULL THEN to_jsonb(t.lease_start_date) END,
    'lease_end_date', CASE WHEN t.lease_end_date IS NOT NULL THEN to_jsonb(t.lease_end_date) END,
    'agent_party_id', CASE WHEN t.agent_party_id IS NOT NULL THEN to_jsonb(t.agent_party_id) END,
    'created_at', CASE WHEN t.created_at IS DISTINCT FROM coalesce((SELECT min(d.disbursed_at) FROM public.disbursement AS d WHERE d.loan_id = t.id) AT TIME ZONE 'UTC', t.start_date::timestamp AT TIME ZONE 'UTC') THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.loan AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-loan' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'loan' AND j.row_id = k.id);

--: find keep-party_role
SELECT t.id FROM public.party_role AS t
WHERE t.effective_from IS DISTINCT FROM (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id) OR t.effective_through IS NOT NULL OR t.created_at IS NOT NULL;

--: keep keep-party_role party_role effective_from effective_through created_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'party_role', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'effective_from', CASE WHEN t.effective_from IS DISTINCT FROM (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id) THEN to_jsonb(t.effective_from) END,
    'effective_through', CASE WHEN t.effective_through IS NOT NULL THEN to_jsonb(t.effective_through) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END
  )) AS kept
  FROM public.party_role AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-party_role' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'party_role' AND j.row_id = k.id);

--: find keep-amortisation_plan
SELECT t.id FROM public.amortisation_plan AS t
WHERE t.created_at IS NOT NULL OR t.updated_at IS NOT NULL;

--: keep keep-amortisation_plan amortisation_plan created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'amortisation_plan', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.amortisation_plan AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-amortisation_plan' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'amortisation_plan' AND j.row_id = k.id);

--: find keep-amortisation_line
SELECT t.id FROM public.amortisation_line AS t
WHERE t.amount_interest IS DISTINCT FROM 0;

--: keep keep-amortisation_line amortisation_line amount_interest
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'amortisation_line', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'amount_interest', CASE WHEN t.amount_interest IS DISTINCT FROM 0 THEN to_jsonb(t.amount_interest) END
  )) AS kept
  FROM public.amortisation_line AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-amortisation_line' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'amortisation_line' AND j.row_id = k.id);

--: find keep-payment
SELECT t.id FROM public.payment AS t
WHERE t.processed_at IS NOT NULL OR t.created_at IS NOT NULL OR t.updated_at IS NOT NULL OR t.reversed_at IS NOT NULL;

--: keep keep-payment payment processed_at created_at updated_at reversed_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'payment', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'processed_at', CASE WHEN t.processed_at IS NOT NULL THEN to_jsonb(t.processed_at) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END,
    'reversed_at', CASE WHEN t.reversed_at IS NOT NULL THEN to_jsonb(t.reversed_at) END
  )) AS kept
  FROM public.payment AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-payment' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'payment' AND j.row_id = k.id);

--: find keep-disbursement
SELECT t.id FROM public.disbursement AS t
WHERE t.created_at IS NOT NULL OR t.updated_at IS NOT NULL;

--: keep keep-disbursement disbursement created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'disbursement', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.disbursement AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-disbursement' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'disbursement' AND j.row_id = k.id);

--: find keep-payment_allocation
SELECT t.id FROM public.payment_allocation AS t
WHERE t.created_at IS NOT NULL OR t.reversed_at IS NOT NULL;

--: keep keep-payment_allocation payment_allocation created_at reversed_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'payment_allocation', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'reversed_at', CASE WHEN t.reversed_at IS NOT NULL THEN to_jsonb(t.reversed_at) END
  )) AS kept
  FROM public.payment_allocation AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-payment_allocation' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'payment_allocation' AND j.row_id = k.id);

--: find keep-collections_event
SELECT t.id FROM public.collections_event AS t
WHERE t.consecutive_missed_payments IS NOT NULL OR t.escalation_trigger IS NOT NULL OR t.resolution_status IS NOT NULL OR t.next_action_date IS NOT NULL OR t.notes IS NOT NULL OR t.updated_at IS NOT NULL;

--: keep keep-collections_event collections_event consecutive_missed_payments escalation_trigger resolution_status next_action_date notes updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'collections_event', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'consecutive_missed_payments', CASE WHEN t.consecutive_missed_payments IS NOT NULL THEN to_jsonb(t.consecutive_missed_payments) END,
    'escalation_trigger', CASE WHEN t.escalation_trigger IS NOT NULL THEN to_jsonb(t.escalation_trigger) END,
    'resolution_status', CASE WHEN t.resolution_status IS NOT NULL THEN to_jsonb(t.resolution_status) END,
    'next_action_date', CASE WHEN t.next_action_date IS NOT NULL THEN to_jsonb(t.next_action_date) END,
    'notes', CASE WHEN t.notes IS NOT NULL THEN to_jsonb(t.notes) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.collections_event AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-collections_event' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'collections_event' AND j.row_id = k.id);

--: find keep-ledger_account
SELECT t.id FROM public.ledger_account AS t
WHERE t.parent_account_id IS NOT NULL OR t.is_active IS NOT NULL OR t.created_at IS NOT NULL OR t.updated_at IS NOT NULL;

--: keep keep-ledger_account ledger_account parent_account_id is_active created_at updated_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'ledger_account', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'parent_account_id', CASE WHEN t.parent_account_id IS NOT NULL THEN to_jsonb(t.parent_account_id) END,
    'is_active', CASE WHEN t.is_active IS NOT NULL THEN to_jsonb(t.is_active) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END
  )) AS kept
  FROM public.ledger_account AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-ledger_account' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'ledger_account' AND j.row_id = k.id);

--: find keep-ledger_entry
SELECT t.id FROM public.ledger_entry AS t
WHERE t.entry_date IS DISTINCT FROM coalesce((SELECT (p.received_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.payment AS p WHERE p.id = t.payment_id), (SELECT (d.disbursed_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.disbursement AS d WHERE d.id = t.disbursement_id), (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id)) OR t.created_at IS NOT NULL OR t.journal_id IS NOT NULL;

--: keep keep-ledger_entry ledger_entry entry_date created_at journal_id
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'ledger_entry', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'entry_date', CASE WHEN t.entry_date IS DISTINCT FROM coalesce((SELECT (p.received_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.payment AS p WHERE p.id = t.payment_id), (SELECT (d.disbursed_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.disbursement AS d WHERE d.id = t.disbursement_id), (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id)) THEN to_jsonb(t.entry_date) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'journal_id', CASE WHEN t.journal_id IS NOT NULL THEN to_jsonb(t.journal_id) END
  )) AS kept
  FROM public.ledger_entry AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-ledger_entry' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'ledger_entry' AND j.row_id = k.id);

--: find keep-security_interest
SELECT t.id FROM public.security_interest AS t
WHERE t.registration_date IS NOT NULL OR t.expiry_date IS NOT NULL OR t.status IS NOT NULL OR t.created_at IS NOT NULL OR t.updated_at IS NOT NULL OR t.haircut_pct IS NOT NULL;

--: keep keep-security_interest security_interest registration_date expiry_date status created_at updated_at haircut_pct
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'security_interest', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'registration_date', CASE WHEN t.registration_date IS NOT NULL THEN to_jsonb(t.registration_date) END,
    'expiry_date', CASE WHEN t.expiry_date IS NOT NULL THEN to_jsonb(t.expiry_date) END,
    'status', CASE WHEN t.status IS NOT NULL THEN to_jsonb(t.status) END,
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END,
    'updated_at', CASE WHEN t.updated_at IS NOT NULL THEN to_jsonb(t.updated_at) END,
    'haircut_pct', CASE WHEN t.haircut_pct IS NOT NULL THEN to_jsonb(t.haircut_pct) END
  )) AS kept
  FROM public.security_interest AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-security_interest' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'security_interest' AND j.row_id = k.id);

--: find keep-document
SELECT t.id FROM public.document AS t
WHERE t.file_size_bytes IS NOT NULL OR t.mime_type IS NOT NULL OR t.checksum IS NOT NULL OR t.expires_at IS NOT NULL;

--: keep keep-document document file_size_bytes mime_type checksum expires_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'document', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'file_size_bytes', CASE WHEN t.file_size_bytes IS NOT NULL THEN to_jsonb(t.file_size_bytes) END,
    'mime_type', CASE WHEN t.mime_type IS NOT NULL THEN to_jsonb(t.mime_type) END,
    'checksum', CASE WHEN t.checksum IS NOT NULL THEN to_jsonb(t.checksum) END,
    'expires_at', CASE WHEN t.expires_at IS NOT NULL THEN to_jsonb(t.expires_at) END
  )) AS kept
  FROM public.document AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-document' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'document' AND j.row_id = k.id);

--: find keep-document_link
SELECT t.id FROM public.document_link AS t
WHERE t.created_at IS NOT NULL;

--: keep keep-document_link document_link created_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'document_link', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END
  )) AS kept
  FROM public.document_link AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-document_link' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'document_link' AND j.row_id = k.id);

--: find keep-fx_rate
SELECT t.id FROM public.fx_rate AS t
WHERE t.created_at IS NOT NULL;

--: keep keep-fx_rate fx_rate created_at
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)
SELECT 'kept', 'v1_columns', 'fx_rate', k.id, k.kept, 'migration'
FROM (
  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
    'created_at', CASE WHEN t.created_at IS NOT NULL THEN to_jsonb(t.created_at) END
  )) AS kept
  FROM public.fx_rate AS t INNER JOIN ops.worklist AS w
ON w.step = 'keep-fx_rate' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
) AS k
WHERE k.kept <> '{}'
  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept' AND j.table_name = 'fx_rate' AND j.row_id = k.id);
