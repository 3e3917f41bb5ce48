-- Frozen for v1_backfill: python -m rently_db.migrate.freeze v1

--: data orphans-product_limit-product_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'product_limit', t.id, 'product_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.product_limit AS t WHERE t.product_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.product AS p WHERE p.id = t.product_id)
  RETURNING row_id
)
DELETE FROM public.product_limit AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-journal_entry-created_by silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'journal_entry', t.id, 'created_by', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.journal_entry AS t WHERE t.created_by IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.created_by)
  RETURNING row_id
)
UPDATE public.journal_entry AS t SET created_by = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-journal_entry-legal_entity_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'journal_entry', t.id, 'legal_entity_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.journal_entry AS t WHERE t.legal_entity_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.legal_entity AS p WHERE p.id = t.legal_entity_id)
  RETURNING row_id
)
DELETE FROM public.journal_entry AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_flag-loan_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_flag', t.id, 'loan_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_flag AS t WHERE t.loan_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.loan AS p WHERE p.id = t.loan_id)
  RETURNING row_id
)
DELETE FROM public.loan_flag AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_status_history-created_by silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_status_history', t.id, 'created_by', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_status_history AS t WHERE t.created_by IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.created_by)
  RETURNING row_id
)
UPDATE public.loan_status_history AS t SET created_by = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_status_history-loan_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_status_history', t.id, 'loan_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_status_history AS t WHERE t.loan_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.loan AS p WHERE p.id = t.loan_id)
  RETURNING row_id
)
DELETE FROM public.loan_status_history AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_transfers-approved_by silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_transfers', t.id, 'approved_by', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_transfers AS t WHERE t.approved_by IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.approved_by)
  RETURNING row_id
)
UPDATE public.loan_transfers AS t SET approved_by = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_transfers-source_loan_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_transfers', t.id, 'source_loan_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_transfers AS t WHERE t.source_loan_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.loan AS p WHERE p.id = t.source_loan_id)
  RETURNING row_id
)
DELETE FROM public.loan_transfers AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_transfers-target_loan_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_transfers', t.id, 'target_loan_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_transfers AS t WHERE t.target_loan_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.loan AS p WHERE p.id = t.target_loan_id)
  RETURNING row_id
)
UPDATE public.loan_transfers AS t SET target_loan_id = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-payment_disputes-assigned_to silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'payment_disputes', t.id, 'assigned_to', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.payment_disputes AS t WHERE t.assigned_to IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.assigned_to)
  RETURNING row_id
)
UPDATE public.payment_disputes AS t SET assigned_to = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-payment_disputes-loan_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'payment_disputes', t.id, 'loan_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.payment_disputes AS t WHERE t.loan_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.loan AS p WHERE p.id = t.loan_id)
  RETURNING row_id
)
DELETE FROM public.payment_disputes AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-payment_disputes-payment_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'payment_disputes', t.id, 'payment_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.payment_disputes AS t WHERE t.payment_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.payment AS p WHERE p.id = t.payment_id)
  RETURNING row_id
)
UPDATE public.payment_disputes AS t SET payment_id = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-payment_disputes-reported_by silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'payment_disputes', t.id, 'reported_by', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.payment_disputes AS t WHERE t.reported_by IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.reported_by)
  RETURNING row_id
)
DELETE FROM public.payment_disputes AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_adjustment-created_by silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_adjustment', t.id, 'created_by', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_adjustment AS t WHERE t.created_by IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.created_by)
  RETURNING row_id
)
UPDATE public.loan_adjustment AS t SET created_by = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_adjustment-line_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_adjustment', t.id, 'line_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_adjustment AS t WHERE t.line_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.amortisation_line AS p WHERE p.id = t.line_id)
  RETURNING row_id
)
UPDATE public.loan_adjustment AS t SET line_id = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-loan_adjustment-loan_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan_adjustment', t.id, 'loan_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan_adjustment AS t WHERE t.loan_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.loan AS p WHERE p.id = t.loan_id)
  RETURNING row_id
)
DELETE FROM public.loan_adjustment AS t USING gone AS g WHERE t.id = g.row_id;

--: data orphans-party-obligor_group_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'party', t.id, 'obligor_group_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.party AS t WHERE t.obligor_group_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.obligor_group_id)
  RETURNING row_id
)
UPDATE public.party AS t SET obligor_group_id = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-loan-agent_party_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'loan', t.id, 'agent_party_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.loan AS t WHERE t.agent_party_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.party AS p WHERE p.id = t.agent_party_id)
  RETURNING row_id
)
UPDATE public.loan AS t SET agent_party_id = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-ledger_account-parent_account_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'ledger_account', t.id, 'parent_account_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.ledger_account AS t WHERE t.parent_account_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.ledger_account AS p WHERE p.id = t.parent_account_id)
  RETURNING row_id
)
UPDATE public.ledger_account AS t SET parent_account_id = NULL FROM gone AS g WHERE t.id = g.row_id;

--: data orphans-ledger_entry-journal_id silent
WITH gone AS (
  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)
  SELECT 'kept', 'reference_gone', 'ledger_entry', t.id, 'journal_id', to_jsonb(t), 'reported', 'migration',
    clock_timestamp()
  FROM public.ledger_entry AS t WHERE t.journal_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.journal_entry AS p WHERE p.id = t.journal_id)
  RETURNING row_id
)
UPDATE public.ledger_entry AS t SET journal_id = NULL FROM gone AS g WHERE t.id = g.row_id;
