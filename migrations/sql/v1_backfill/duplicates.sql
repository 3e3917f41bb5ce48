-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: data duplicates-party_role silent
WITH alike AS (
  SELECT t.id, count(*) OVER (PARTITION BY t.party_id, t.loan_id, t.role) AS n FROM public.party_role AS t
), locked AS MATERIALIZED (
  SELECT t.* FROM public.party_role AS t
  WHERE t.id IN (SELECT a.id FROM alike AS a WHERE a.n > 1) ORDER BY t.id FOR UPDATE
), twice AS (
  SELECT
    t.id,
    t.effective_through IS NULL AND (
      row_number() OVER (
        PARTITION BY t.party_id, t.loan_id, t.role, t.effective_through IS NULL ORDER BY k.row_id IS NULL, t.created_at NULLS FIRST, t.id
      ) > 1
      OR row_number() OVER (
        PARTITION BY t.party_id, t.loan_id, t.role, coalesce(t.effective_from, l.start_date)
        ORDER BY t.effective_through IS NULL, k.row_id IS NULL, t.created_at NULLS FIRST, t.id
      ) > 1
    ) AS again
  FROM locked AS t
  LEFT JOIN public.loan AS l ON l.id = t.loan_id
  -- What v1 wrote comes before what v0 repeated.
  LEFT JOIN (
    SELECT DISTINCT j.row_id FROM ops.row_journal AS j
    WHERE j.kind = 'kept' AND j.rule = 'v1_columns' AND j.table_name = 'party_role' AND j.state = 'restored'
  ) AS k ON k.row_id = t.id
), gone AS (
  DELETE FROM public.party_role AS t USING twice AS w WHERE w.again AND t.id = w.id RETURNING t.*
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'removed', 'party_role_duplicate', 'party_role', g.id, to_jsonb(g), 'migration' FROM gone AS g;

--: data duplicates-document_link silent
WITH alike AS (
  SELECT t.id, count(*) OVER (PARTITION BY t.document_id, t.entity_type, t.entity_id, t.role) AS n FROM public.document_link AS t
), locked AS MATERIALIZED (
  SELECT t.* FROM public.document_link AS t
  WHERE t.id IN (SELECT a.id FROM alike AS a WHERE a.n > 1) ORDER BY t.id FOR UPDATE
), twice AS (
  SELECT t.id, row_number() OVER (PARTITION BY t.document_id, t.entity_type, t.entity_id, t.role ORDER BY t.id) > 1 AS again FROM locked AS t
), gone AS (
  DELETE FROM public.document_link AS t USING twice AS w WHERE w.again AND t.id = w.id RETURNING t.*
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'removed', 'document_link_duplicate', 'document_link', g.id, to_jsonb(g), 'migration' FROM gone AS g;

--: data duplicates-fx_rate silent
WITH alike AS (
  SELECT t.id, count(*) OVER (PARTITION BY t.as_of_date, t.from_ccy, t.to_ccy, t.rate, t.source) AS n FROM public.fx_rate AS t
), locked AS MATERIALIZED (
  SELECT t.* FROM public.fx_rate AS t
  WHERE t.id IN (SELECT a.id FROM alike AS a WHERE a.n > 1) ORDER BY t.id FOR UPDATE
), twice AS (
  SELECT t.id, row_number() OVER (PARTITION BY t.as_of_date, t.from_ccy, t.to_ccy, t.rate, t.source ORDER BY t.id) > 1 AS again FROM locked AS t
), gone AS (
  DELETE FROM public.fx_rate AS t USING twice AS w WHERE w.again AND t.id = w.id RETURNING t.*
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'removed', 'fx_rate_duplicate', 'fx_rate', g.id, to_jsonb(g), 'migration' FROM gone AS g;
