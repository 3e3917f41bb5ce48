-- owner: finance
-- severity: fail
-- tags: preflight, validation, critical
-- table: amortisation_plan
-- description: Active plan without instalments, or whose instalments are not numbered from 1 without holes
-- protects: what is billed: a hole is an instalment that was lost
-- mend: supersede the plan by a complete one
-- constraint: amortisation_line_plan_id_seq_no_key, amortisation_line_seq_positive
-- exempt: yes: of plans from before v1 that lack a first instalment by contract; name the plans
CREATE VIEW ops.rule_amortization_calculations AS
WITH line AS (
    SELECT
        i.plan_id,
        count(*) AS lines,
        min(i.seq_no) AS first,
        max(i.seq_no) AS last
    FROM public.amortisation_line AS i
    GROUP BY i.plan_id
)

SELECT
    p.id::text AS id,
    coalesce(format('%s instalments, numbered %s to %s', n.lines, n.first, n.last), 'no instalments') AS detail
FROM public.amortisation_plan AS p
LEFT JOIN line AS n ON p.id = n.plan_id
WHERE p.status = 'active' AND (n.plan_id IS NULL OR n.first <> 1 OR n.last <> n.lines);
