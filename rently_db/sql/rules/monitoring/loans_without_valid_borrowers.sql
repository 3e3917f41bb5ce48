-- owner: risk
-- severity: fail
-- tags: alert
-- table: loan
-- column: borrower_party_id
-- alert: high
-- every: 15 minutes
-- description: Active loan whose borrower is missing or no longer active
-- protects: that somebody owes what was lent, and can be reached
-- mend: UPDATE public.loan SET borrower_party_id = ... to who took the loan over, or make the party active again
-- ends: each active loan has an active borrower again
-- urgency: the same day: no amount is wrong yet, but nobody can be billed or called
-- first: SELECT r.id, l.loan_number, r.detail FROM ops.rule_loans_without_valid_borrowers AS r INNER JOIN public.loan AS l ON l.id::text
--     = r.id LIMIT 20
-- second: SELECT p.id, p.kind, p.display_name, p.updated_at FROM public.party AS p WHERE p.is_active IS FALSE AND p.id IN (SELECT
--     l.borrower_party_id FROM public.loan AS l WHERE l.status = 'active') ORDER BY p.updated_at DESC NULLS LAST LIMIT 20
-- third: SELECT id, raised_at, resolved_at, found, last_found FROM ops.alert_history WHERE rule_name = 'loans_without_valid_borrowers'
--     ORDER BY id DESC LIMIT 5
-- call: risk, who knows why a borrower was made inactive; an auditor, if nobody does: ops.audit_log names who did it
CREATE VIEW ops.rule_loans_without_valid_borrowers AS
SELECT
    l.id::text AS id,
    CASE WHEN p.id IS NULL THEN 'no borrower' ELSE 'borrower ' || p.id || ' is not active' END AS detail
FROM public.loan AS l
LEFT JOIN public.party AS p ON l.borrower_party_id = p.id
WHERE l.status = 'active' AND (p.id IS NULL OR p.is_active IS FALSE);
