-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: data quarantine-decision silent
WITH asked AS (
  SELECT q.row_id, q.content, string_agg(q.rule, ', ' ORDER BY q.rule) AS rule FROM ops.quarantine_request AS q
  WHERE q.table_name = 'decision' GROUP BY q.row_id, q.content
), gone AS (
  DELETE FROM public.decision AS t USING asked AS a WHERE t.id = a.row_id AND to_jsonb(t) @> a.content
  RETURNING t.id, to_jsonb(t) AS content, a.rule
), closed AS (
  DELETE FROM ops.quarantine_request AS q WHERE q.table_name = 'decision'
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'quarantined', g.rule, 'decision', g.id, g.content, 'migration' FROM gone AS g;

--: data quarantine-party_role silent
WITH asked AS (
  SELECT q.row_id, q.content, string_agg(q.rule, ', ' ORDER BY q.rule) AS rule FROM ops.quarantine_request AS q
  WHERE q.table_name = 'party_role' GROUP BY q.row_id, q.content
), gone AS (
  DELETE FROM public.party_role AS t USING asked AS a WHERE t.id = a.row_id AND to_jsonb(t) @> a.content
  RETURNING t.id, to_jsonb(t) AS content, a.rule
), closed AS (
  DELETE FROM ops.quarantine_request AS q WHERE q.table_name = 'party_role'
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'quarantined', g.rule, 'party_role', g.id, g.content, 'migration' FROM gone AS g;

--: data quarantine-collections_event silent
WITH asked AS (
  SELECT q.row_id, q.content, string_agg(q.rule, ', ' ORDER BY q.rule) AS rule FROM ops.quarantine_request AS q
  WHERE q.table_name = 'collections_event' GROUP BY q.row_id, q.content
), gone AS (
  DELETE FROM public.collections_event AS t USING asked AS a WHERE t.id = a.row_id AND to_jsonb(t) @> a.content
  RETURNING t.id, to_jsonb(t) AS content, a.rule
), closed AS (
  DELETE FROM ops.quarantine_request AS q WHERE q.table_name = 'collections_event'
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'quarantined', g.rule, 'collections_event', g.id, g.content, 'migration' FROM gone AS g;

--: data quarantine-security_interest silent
WITH asked AS (
  SELECT q.row_id, q.content, string_agg(q.rule, ', ' ORDER BY q.rule) AS rule FROM ops.quarantine_request AS q
  WHERE q.table_name = 'security_interest' GROUP BY q.row_id, q.content
), gone AS (
  DELETE FROM public.security_interest AS t USING asked AS a WHERE t.id = a.row_id AND to_jsonb(t) @> a.content
  RETURNING t.id, to_jsonb(t) AS content, a.rule
), closed AS (
  DELETE FROM ops.quarantine_request AS q WHERE q.table_name = 'security_interest'
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'quarantined', g.rule, 'security_interest', g.id, g.content, 'migration' FROM gone AS g;

--: data quarantine-document_link silent
WITH asked AS (
  SELECT q.row_id, q.content, string_agg(q.rule, ', ' ORDER BY q.rule) AS rule FROM ops.quarantine_request AS q
  WHERE q.table_name = 'document_link' GROUP BY q.row_id, q.content
), gone AS (
  DELETE FROM public.document_link AS t USING asked AS a WHERE t.id = a.row_id AND to_jsonb(t) @> a.content
  RETURNING t.id, to_jsonb(t) AS content, a.rule
), closed AS (
  DELETE FROM ops.quarantine_request AS q WHERE q.table_name = 'document_link'
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'quarantined', g.rule, 'document_link', g.id, g.content, 'migration' FROM gone AS g;

--: data quarantine-fx_rate silent
WITH asked AS (
  SELECT q.row_id, q.content, string_agg(q.rule, ', ' ORDER BY q.rule) AS rule FROM ops.quarantine_request AS q
  WHERE q.table_name = 'fx_rate' GROUP BY q.row_id, q.content
), gone AS (
  DELETE FROM public.fx_rate AS t USING asked AS a WHERE t.id = a.row_id AND to_jsonb(t) @> a.content
  RETURNING t.id, to_jsonb(t) AS content, a.rule
), closed AS (
  DELETE FROM ops.quarantine_request AS q WHERE q.table_name = 'fx_rate'
)
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)
SELECT 'quarantined', g.rule, 'fx_rate', g.id, g.content, 'migration' FROM gone AS g;
