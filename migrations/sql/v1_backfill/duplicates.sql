-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: data duplicates-party_role silent
WITH known AS (
  SELECT DISTINCT j.row_id AS id FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.rule = 'v1_columns' AND j.table_name = 'party_role' AND j.state = 'restored'
), twice AS (
  SELECT t.id, k.id AS known, row_number() OVER (
    PARTITION BY t.party_id, t.loan_id, t.role ORDER BY k.id IS NULL, t.id
  ) AS nr FROM public.party_role AS t LEFT JOIN known AS k ON k.id = t.id
), gone AS (
  DELETE FROM public.party_role AS t USING twice AS w WHERE w.nr > 1 AND w.known IS NULL AND t.id = w.id RETURNING t.*
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'removed', 'party_role_duplicate', 'party_role', g.id, to_jsonb(g), 'migration' FROM gone AS g;

--: data duplicates-document_link silent
WITH known AS (
  SELECT DISTINCT j.row_id AS id FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.rule = 'v1_columns' AND j.table_name = 'document_link' AND j.state = 'restored'
), twice AS (
  SELECT t.id, k.id AS known, row_number() OVER (
    PARTITION BY t.document_id, t.entity_type, t.entity_id, t.role ORDER BY k.id IS NULL, t.id
  ) AS nr FROM public.document_link AS t LEFT JOIN known AS k ON k.id = t.id
), gone AS (
  DELETE FROM public.document_link AS t USING twice AS w WHERE w.nr > 1 AND w.known IS NULL AND t.id = w.id RETURNING t.*
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'removed', 'document_link_duplicate', 'document_link', g.id, to_jsonb(g), 'migration' FROM gone AS g;

--: data duplicates-fx_rate silent
WITH known AS (
  SELECT DISTINCT j.row_id AS id FROM ops.row_journal AS j
  WHERE j.kind = 'kept' AND j.rule = 'v1_columns' AND j.table_name = 'fx_rate' AND j.state = 'restored'
), twice AS (
  SELECT t.id, k.id AS known, row_number() OVER (
    PARTITION BY t.as_of_date, t.from_ccy, t.to_ccy, t.rate, t.source ORDER BY k.id IS NULL, t.id
  ) AS nr FROM public.fx_rate AS t LEFT JOIN known AS k ON k.id = t.id
), gone AS (
  DELETE FROM public.fx_rate AS t USING twice AS w WHERE w.nr > 1 AND w.known IS NULL AND t.id = w.id RETURNING t.*
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'removed', 'fx_rate_duplicate', 'fx_rate', g.id, to_jsonb(g), 'migration' FROM gone AS g;
