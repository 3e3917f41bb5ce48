-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: batch derive-loan-created_at loan silent derives
UPDATE public.loan AS t SET created_at = coalesce((SELECT min(d.disbursed_at) FROM public.disbursement AS d WHERE d.loan_id = t.id) AT TIME ZONE 'UTC', t.start_date::timestamp AT TIME ZONE 'UTC')
WHERE t.id > :low AND t.id <= :high AND t.created_at IS NULL
  AND true;

--: batch derive-application-created_at application silent derives
UPDATE public.application AS t SET created_at = (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.id)
WHERE t.id > :low AND t.id <= :high AND t.created_at IS NULL
  AND EXISTS (SELECT FROM public.loan AS l WHERE l.application_id = t.id);

--: batch derive-decision-decided_at decision silent derives
UPDATE public.decision AS t SET decided_at = (SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.application_id)
WHERE t.id > :low AND t.id <= :high AND t.decided_at IS NULL
  AND EXISTS (SELECT FROM public.loan AS l WHERE l.application_id = t.application_id);

--: batch derive-party_role-effective_from party_role silent derives
UPDATE public.party_role AS t SET effective_from = (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id)
WHERE t.id > :low AND t.id <= :high AND t.effective_from IS NULL
  AND t.loan_id IS NOT NULL;

--: batch derive-ledger_entry-entry_date ledger_entry silent derives
UPDATE public.ledger_entry AS t SET entry_date = coalesce((SELECT (p.received_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.payment AS p WHERE p.id = t.payment_id), (SELECT (d.disbursed_at AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date FROM public.disbursement AS d WHERE d.id = t.disbursement_id), (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id))
WHERE t.id > :low AND t.id <= :high AND t.entry_date IS NULL
  AND num_nonnulls(t.payment_id, t.disbursement_id, t.loan_id) > 0;
