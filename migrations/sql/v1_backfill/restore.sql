-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: data analyze-journal
ANALYZE ops.row_journal;

--: loop unmap-payment silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'mapped' AND j.table_name = 'payment' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.payment AS t SET status = (SELECT r.status FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM open AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop unmap-payment_allocation silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'mapped' AND j.table_name = 'payment_allocation' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.payment_allocation AS t SET component = (SELECT r.component FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM open AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop unmap-amortisation_line silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'mapped' AND j.table_name = 'amortisation_line' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.amortisation_line AS t SET (amount_other, amount_interest) = (SELECT r.amount_other, r.amount_interest FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM open AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-legal_entity silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'legal_entity' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.legal_entity AS t SET (created_at, updated_at, time_zone) = (SELECT r.created_at, r.updated_at, r.time_zone FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-product silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'product' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.product AS t SET (category, subcategory, business_unit, is_active, created_at, updated_at, grace_days, tolerance_amount, tolerance_pct) = (SELECT r.category, r.subcategory, r.business_unit, r.is_active, r.created_at, r.updated_at, r.grace_days, r.tolerance_amount, r.tolerance_pct FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-party silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'party' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.party AS t SET (is_active, created_at, updated_at, obligor_group_id) = (SELECT r.is_active, r.created_at, r.updated_at, r.obligor_group_id FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-payment_instrument silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'payment_instrument' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.payment_instrument AS t SET (is_active, created_at, updated_at) = (SELECT r.is_active, r.created_at, r.updated_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-application silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'application' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.application AS t SET (created_at, updated_at) = (SELECT r.created_at, r.updated_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-decision silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'decision' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.decision AS t SET (decided_at, reason) = (SELECT r.decided_at, r.reason FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-loan silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'loan' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.loan AS t SET (installment_period, lease_start_date, lease_end_date, agent_party_id, created_at, updated_at) = (SELECT r.installment_period, r.lease_start_date, r.lease_end_date, r.agent_party_id, r.created_at, r.updated_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-party_role silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'party_role' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.party_role AS t SET (effective_from, effective_through, created_at) = (SELECT r.effective_from, r.effective_through, r.created_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-amortisation_plan silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'amortisation_plan' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.amortisation_plan AS t SET (created_at, updated_at) = (SELECT r.created_at, r.updated_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-amortisation_line silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'amortisation_line' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.amortisation_line AS t SET amount_interest = (SELECT r.amount_interest FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-payment silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'payment' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.payment AS t SET (processed_at, created_at, updated_at, reversed_at) = (SELECT r.processed_at, r.created_at, r.updated_at, r.reversed_at FROM jsonb_populate_record(t, CASE WHEN t.status = 'reversed' THEN o.new_value ELSE o.new_value - 'reversed_at' END) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-disbursement silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'disbursement' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.disbursement AS t SET (created_at, updated_at) = (SELECT r.created_at, r.updated_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-payment_allocation silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'payment_allocation' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.payment_allocation AS t SET (created_at, reversed_at) = (SELECT r.created_at, r.reversed_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-collections_event silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'collections_event' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.collections_event AS t SET (consecutive_missed_payments, escalation_trigger, resolution_status, next_action_date, notes, updated_at) = (SELECT r.consecutive_missed_payments, r.escalation_trigger, r.resolution_status, r.next_action_date, r.notes, r.updated_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-ledger_account silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'ledger_account' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.ledger_account AS t SET (parent_account_id, is_active, created_at, updated_at) = (SELECT r.parent_account_id, r.is_active, r.created_at, r.updated_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-ledger_entry silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'ledger_entry' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.ledger_entry AS t SET (entry_date, created_at, journal_id) = (SELECT r.entry_date, r.created_at, r.journal_id FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-security_interest silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'security_interest' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.security_interest AS t SET (registration_date, expiry_date, status, created_at, updated_at, haircut_pct) = (SELECT r.registration_date, r.expiry_date, r.status, r.created_at, r.updated_at, r.haircut_pct FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-document silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'document' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.document AS t SET (file_size_bytes, mime_type, checksum, expires_at) = (SELECT r.file_size_bytes, r.mime_type, r.checksum, r.expires_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-document_link silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'document_link' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.document_link AS t SET created_at = (SELECT r.created_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop restore-fx_rate silent
WITH open AS (
  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.table_name = 'fx_rate' AND j.state = 'open'
  ORDER BY j.row_id, j.id LIMIT :slice
), back AS (
  UPDATE public.fx_rate AS t SET created_at = (SELECT r.created_at FROM jsonb_populate_record(t, o.new_value) AS r)
  FROM open AS o WHERE t.id = o.row_id
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'restored' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;
