-- owner: finance
-- severity: fail
-- tags: validation, critical
-- table: amortisation_line
-- column: plan_id
-- description: Instalment of a plan, or plan of a loan, that does not exist
-- protects: what is owed: an instalment without a plan is billed to nobody
-- mend: restore the plan or the loan from a backup, or delete the instalments of a draft
-- constraint: amortisation_line_plan_id_fkey
-- exempt: no: nobody can bill an instalment without its plan
CREATE VIEW ops.rule_orphaned_amortisation_lines AS
SELECT
    i.id::text AS id,
    CASE WHEN p.id IS NULL THEN 'plan ' || i.plan_id ELSE 'loan ' || p.loan_id END || ' does not exist' AS detail
FROM public.amortisation_line AS i
LEFT JOIN public.amortisation_plan AS p ON i.plan_id = p.id
LEFT JOIN public.loan AS l ON p.loan_id = l.id
WHERE l.id IS NULL;
