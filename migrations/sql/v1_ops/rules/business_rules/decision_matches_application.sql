-- owner: risk
-- severity: fail
-- tags: validation, critical
-- table: decision
-- description: Approval without an amount, or in another currency than was applied for; application that is approved or rejected against its latest decision
-- protects: that nobody is lent what nobody approved
-- mend: complete the decision, or correct the status of the application, as the minutes say
-- constraint: decision_approved_amount_check
-- exempt: yes: of decisions from before v1 whose minutes are lost, with where they were looked for
CREATE VIEW ops.rule_decision_matches_application AS
WITH latest AS (
    SELECT DISTINCT ON (d.application_id)
        d.application_id,
        d.outcome
    FROM public.decision AS d
    ORDER BY d.application_id ASC, d.decided_at DESC NULLS LAST, d.id DESC
)

SELECT
    d.id::text AS id,
    CASE
        WHEN d.approved_amount IS NULL THEN 'approved without an amount'
        ELSE format('approved in %s, applied for in %s', coalesce(d.approved_currency, 'no currency'), a.requested_currency)
    END AS detail
FROM public.decision AS d
INNER JOIN public.application AS a ON d.application_id = a.id
WHERE d.outcome = 'approved' AND (d.approved_amount IS NULL OR d.approved_currency IS DISTINCT FROM a.requested_currency)
UNION ALL
SELECT
    a.id::text AS id,
    format('application %s, latest decision %s', a.status, n.outcome) AS detail
FROM public.application AS a
INNER JOIN latest AS n ON a.id = n.application_id
WHERE a.status IN ('approved', 'rejected') AND n.outcome IN ('approved', 'rejected') AND a.status <> n.outcome;
