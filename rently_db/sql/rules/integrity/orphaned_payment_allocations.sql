-- owner: finance
-- severity: fail
-- tags: validation, alert, critical
-- table: payment_allocation
-- alert: critical
-- every: 1 hour
-- description: Allocation whose payment, loan, plan or instalment does not exist
-- protects: balances: money would be counted for a loan that nobody can find, or be missing on one
-- mend: find what it belonged to in a backup and restore it; rows like this can only be written with triggers off (session_replication_role)
-- constraint: payment_allocation_payment_id_fkey, payment_allocation_loan_id_fkey, payment_allocation_plan_id_fkey,
--     payment_allocation_line_id_fkey
-- exempt: no: a balance is wrong until it is mended, and the alert goes on whatever is exempt
-- ends: every allocation has its payment, loan, plan and instalment again, or is gone
-- urgency: at once, at night too: balances are wrong, and what wrote these rows may go on
-- first: SELECT id, detail FROM ops.rule_orphaned_payment_allocations LIMIT 20
-- second: SELECT id, detail FROM ops.rule_triggers_enabled
-- third: SELECT d.setrole::regrole AS role, d.setconfig FROM pg_db_role_setting AS d WHERE d.setconfig::text LIKE
--     '%session_replication_role%'
-- call: the DBA, who stops what writes with triggers off and restores the missing rows from a backup; then finance, who must not post on
--     these loans meanwhile
CREATE VIEW ops.rule_orphaned_payment_allocations AS
SELECT
    a.id::text AS id,
    concat_ws(
        ', ',
        CASE WHEN p.id IS NULL THEN 'payment ' || a.payment_id END,
        CASE WHEN l.id IS NULL THEN 'loan ' || a.loan_id END,
        CASE WHEN a.plan_id IS NOT NULL AND n.id IS NULL THEN 'plan ' || a.plan_id END,
        CASE WHEN a.line_id IS NOT NULL AND i.id IS NULL THEN 'instalment ' || a.line_id END
    ) || ' does not exist' AS detail
FROM public.payment_allocation AS a
LEFT JOIN public.payment AS p ON a.payment_id = p.id
LEFT JOIN public.loan AS l ON a.loan_id = l.id
LEFT JOIN public.amortisation_plan AS n ON a.plan_id = n.id
LEFT JOIN public.amortisation_line AS i ON a.line_id = i.id
WHERE p.id IS NULL OR l.id IS NULL OR (a.plan_id IS NOT NULL AND n.id IS NULL) OR (a.line_id IS NOT NULL AND i.id IS NULL);
