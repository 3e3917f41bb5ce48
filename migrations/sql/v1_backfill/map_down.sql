-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: find map-payment
SELECT t.id FROM public.payment AS t WHERE t.status = 'reversed';

--: batch map-payment payment silent
WITH locked AS (
  SELECT t.id, t.status FROM public.payment AS t
  INNER JOIN ops.worklist AS w
ON w.step = 'map-payment' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
  WHERE t.status = 'reversed'
  ORDER BY t.id FOR NO KEY UPDATE OF t
), journalled AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, new_value, origin)
  SELECT 'mapped', 'unknown_to_v0', 'payment', t.id, jsonb_build_object('status', t.status), jsonb_build_object('status', 'cancelled'), 'migration'
  FROM locked AS t
  RETURNING row_id
)
UPDATE public.payment AS t SET status = 'cancelled' FROM journalled AS j WHERE t.id = j.row_id;

--: find map-payment_allocation
SELECT t.id FROM public.payment_allocation AS t WHERE t.component = 'interest';

--: batch map-payment_allocation payment_allocation silent
WITH locked AS (
  SELECT t.id, t.component FROM public.payment_allocation AS t
  INNER JOIN ops.worklist AS w
ON w.step = 'map-payment_allocation' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
  WHERE t.component = 'interest'
  ORDER BY t.id FOR NO KEY UPDATE OF t
), journalled AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, new_value, origin)
  SELECT 'mapped', 'unknown_to_v0', 'payment_allocation', t.id, jsonb_build_object('component', t.component), jsonb_build_object('component', 'other'), 'migration'
  FROM locked AS t
  RETURNING row_id
)
UPDATE public.payment_allocation AS t SET component = 'other' FROM journalled AS j WHERE t.id = j.row_id;

--: find map-amortisation_line
SELECT t.id FROM public.amortisation_line AS t WHERE t.amount_interest <> 0;

--: batch map-amortisation_line amortisation_line silent
WITH locked AS (
  SELECT t.id, t.amount_other, t.amount_interest FROM public.amortisation_line AS t
  INNER JOIN ops.worklist AS w
ON w.step = 'map-amortisation_line' AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id
  WHERE t.amount_interest <> 0
  ORDER BY t.id FOR NO KEY UPDATE OF t
), journalled AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, new_value, origin)
  SELECT 'mapped', 'unknown_to_v0', 'amortisation_line', t.id, jsonb_build_object('amount_other', t.amount_other, 'amount_interest', t.amount_interest), jsonb_build_object('amount_other', t.amount_other + t.amount_interest, 'amount_interest', 0), 'migration'
  FROM locked AS t
  RETURNING row_id
)
UPDATE public.amortisation_line AS t SET amount_other = t.amount_other + t.amount_interest, amount_interest = 0 FROM journalled AS j WHERE t.id = j.row_id;
