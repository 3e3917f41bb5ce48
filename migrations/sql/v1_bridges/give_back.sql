-- Frozen for v1_bridges: python -m rently_db.migrate.freeze v1

--: data analyze-journal
ANALYZE ops.row_journal;

--: data reinsert-party_role silent
WITH open AS (
  SELECT j.id, j.old_value FROM ops.row_journal AS j
  WHERE j.kind IN ('removed', 'quarantined') AND j.table_name = 'party_role' AND j.state = 'open'
), back AS (
  INSERT INTO public.party_role
  SELECT r.* FROM open AS o, jsonb_populate_record(NULL::public.party_role, o.old_value) AS r
  WHERE (o.old_value ->> 'party_id' IS NULL OR EXISTS (SELECT FROM public.party AS p WHERE p.id = (o.old_value ->> 'party_id')::uuid)) AND (o.old_value ->> 'loan_id' IS NULL OR EXISTS (SELECT FROM public.loan AS p WHERE p.id = (o.old_value ->> 'loan_id')::uuid))
  ON CONFLICT DO NOTHING RETURNING id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = (o.old_value ->> 'id')::uuid WHERE j.id = o.id;

--: data reinsert-document_link silent
WITH open AS (
  SELECT j.id, j.old_value FROM ops.row_journal AS j
  WHERE j.kind IN ('removed', 'quarantined') AND j.table_name = 'document_link' AND j.state = 'open'
), back AS (
  INSERT INTO public.document_link
  SELECT r.* FROM open AS o, jsonb_populate_record(NULL::public.document_link, o.old_value) AS r
  WHERE (o.old_value ->> 'document_id' IS NULL OR EXISTS (SELECT FROM public.document AS p WHERE p.id = (o.old_value ->> 'document_id')::uuid))
  ON CONFLICT DO NOTHING RETURNING id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = (o.old_value ->> 'id')::uuid WHERE j.id = o.id;

--: data reinsert-fx_rate silent
WITH open AS (
  SELECT j.id, j.old_value FROM ops.row_journal AS j
  WHERE j.kind IN ('removed', 'quarantined') AND j.table_name = 'fx_rate' AND j.state = 'open'
), back AS (
  INSERT INTO public.fx_rate
  SELECT r.* FROM open AS o, jsonb_populate_record(NULL::public.fx_rate, o.old_value) AS r
  WHERE true
  ON CONFLICT DO NOTHING RETURNING id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = (o.old_value ->> 'id')::uuid WHERE j.id = o.id;

--: data reinsert-decision silent
WITH open AS (
  SELECT j.id, j.old_value FROM ops.row_journal AS j
  WHERE j.kind IN ('removed', 'quarantined') AND j.table_name = 'decision' AND j.state = 'open'
), back AS (
  INSERT INTO public.decision
  SELECT r.* FROM open AS o, jsonb_populate_record(NULL::public.decision, o.old_value) AS r
  WHERE (o.old_value ->> 'application_id' IS NULL OR EXISTS (SELECT FROM public.application AS p WHERE p.id = (o.old_value ->> 'application_id')::uuid))
  ON CONFLICT DO NOTHING RETURNING id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = (o.old_value ->> 'id')::uuid WHERE j.id = o.id;

--: data reinsert-collections_event silent
WITH open AS (
  SELECT j.id, j.old_value FROM ops.row_journal AS j
  WHERE j.kind IN ('removed', 'quarantined') AND j.table_name = 'collections_event' AND j.state = 'open'
), back AS (
  INSERT INTO public.collections_event
  SELECT r.* FROM open AS o, jsonb_populate_record(NULL::public.collections_event, o.old_value) AS r
  WHERE (o.old_value ->> 'loan_id' IS NULL OR EXISTS (SELECT FROM public.loan AS p WHERE p.id = (o.old_value ->> 'loan_id')::uuid)) AND (o.old_value ->> 'actor_party_id' IS NULL OR EXISTS (SELECT FROM public.party AS p WHERE p.id = (o.old_value ->> 'actor_party_id')::uuid))
  ON CONFLICT DO NOTHING RETURNING id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = (o.old_value ->> 'id')::uuid WHERE j.id = o.id;

--: data reinsert-security_interest silent
WITH open AS (
  SELECT j.id, j.old_value FROM ops.row_journal AS j
  WHERE j.kind IN ('removed', 'quarantined') AND j.table_name = 'security_interest' AND j.state = 'open'
), back AS (
  INSERT INTO public.security_interest
  SELECT r.* FROM open AS o, jsonb_populate_record(NULL::public.security_interest, o.old_value) AS r
  WHERE (o.old_value ->> 'loan_id' IS NULL OR EXISTS (SELECT FROM public.loan AS p WHERE p.id = (o.old_value ->> 'loan_id')::uuid)) AND (o.old_value ->> 'party_id' IS NULL OR EXISTS (SELECT FROM public.party AS p WHERE p.id = (o.old_value ->> 'party_id')::uuid))
  ON CONFLICT DO NOTHING RETURNING id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM open AS o LEFT JOIN back AS b ON b.id = (o.old_value ->> 'id')::uuid WHERE j.id = o.id;

--: loop give-back-party silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'party' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.party AS t
  SET (kind, display_name, email) = (SELECT r.kind, r.display_name, r.email FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-party_role silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'party_role' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.party_role AS t
  SET role = (SELECT r.role FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-payment_instrument silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'payment_instrument' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.payment_instrument AS t
  SET (instrument_type, currency_code, is_default) = (SELECT r.instrument_type, r.currency_code, r.is_default FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-application silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'application' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.application AS t
  SET (status, requested_currency) = (SELECT r.status, r.requested_currency FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-decision silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'decision' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.decision AS t
  SET (outcome, approved_currency, decided_by, approved_amount) = (SELECT r.outcome, r.approved_currency, r.decided_by, r.approved_amount FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-loan silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'loan' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.loan AS t
  SET (status, currency_code) = (SELECT r.status, r.currency_code FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-amortisation_plan silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'amortisation_plan' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.amortisation_plan AS t
  SET (status, effective_through) = (SELECT r.status, r.effective_through FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-payment silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'payment' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.payment AS t
  SET (direction, status, currency_code) = (SELECT r.direction, r.status, r.currency_code FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-disbursement silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'disbursement' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.disbursement AS t
  SET (status, currency_code) = (SELECT r.status, r.currency_code FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-payment_allocation silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'payment_allocation' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.payment_allocation AS t
  SET component = (SELECT r.component FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-collections_event silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'collections_event' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.collections_event AS t
  SET (event_type, currency_code, dpd_snapshot, amount_involved) = (SELECT r.event_type, r.currency_code, r.dpd_snapshot, r.amount_involved FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-ledger_account silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'ledger_account' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.ledger_account AS t
  SET (type, name, code) = (SELECT r.type, r.name, r.code FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-ledger_entry silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'ledger_entry' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.ledger_entry AS t
  SET (side, currency_code) = (SELECT r.side, r.currency_code FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-security_interest silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'security_interest' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.security_interest AS t
  SET (type, value_ccy) = (SELECT r.type, r.value_ccy FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-document silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'document' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.document AS t
  SET (kind, title) = (SELECT r.kind, r.title FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-document_link silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'document_link' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.document_link AS t
  SET entity_type = (SELECT r.entity_type FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-legal_entity silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'legal_entity' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.legal_entity AS t
  SET (functional_ccy, country_code, name) = (SELECT r.functional_ccy, r.country_code, r.name FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-amortisation_line silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'amortisation_line' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.amortisation_line AS t
  SET (currency_code, amount_principal, amount_rc_fee, amount_penalty, amount_other) = (SELECT r.currency_code, r.amount_principal, r.amount_rc_fee, r.amount_penalty, r.amount_other FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-fx_rate silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'fx_rate' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.fx_rate AS t
  SET (from_ccy, to_ccy, source) = (SELECT r.from_ccy, r.to_ccy, r.source FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;

--: loop give-back-product silent
WITH latest AS (
  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j
  WHERE j.kind = 'repair' AND j.table_name = 'product' AND j.state = 'open'
  ORDER BY j.row_id, j.id DESC LIMIT :slice
), back AS (
  UPDATE public.product AS t
  SET (name, code) = (SELECT r.name, r.code FROM jsonb_populate_record(t, o.old_value) AS r)
  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value
  RETURNING o.id
)
UPDATE ops.row_journal AS j
SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()
FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id;
