-- owner: risk
-- tier: T3
-- grain: modification of a loan
-- key: modification_id
-- refresh: live
-- description: Every change of contract after which a borrower owes something else than before: transfers, renewals, re-plans, refinances
-- column modification_id: Row that records it: completed transfer, child loan or plan
-- column modification_type: transfer (apartment_change, consolidation), refinance, renewal (lease_renewal, or a loan with a parent that no completed transfer links to
--     it) or re_plan (a plan that took over from an earlier one, both of which held for a day or more)
-- column loan_id: Loan that goes on afterwards: target of the transfer (without one its source), the child loan, or the loan itself
-- column modified_on: transfer_date, start_date of the child, or first day of the plan
-- column amount: Amount transferred, lent by contract to the child, or principal that the new plan schedules; in the currency of loan_id
CREATE VIEW analytics.loan_modification AS
SELECT
    t.id AS modification_id,
    CASE t.transfer_type WHEN 'lease_renewal' THEN 'renewal' WHEN 'refinance' THEN 'refinance' ELSE 'transfer' END AS modification_type,
    coalesce(t.target_loan_id, t.source_loan_id) AS loan_id,
    t.transfer_date AS modified_on,
    t.transfer_amount AS amount
FROM public.loan_transfers AS t
WHERE t.status = 'completed'
UNION ALL
SELECT
    l.id AS modification_id,
    'renewal' AS modification_type,
    l.id AS loan_id,
    l.start_date AS modified_on,
    l.principal_amount AS amount
FROM public.loan AS l
WHERE
    l.parent_loan_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM public.loan_transfers AS t
        WHERE t.status = 'completed' AND t.source_loan_id = l.parent_loan_id AND t.target_loan_id = l.id
    )
UNION ALL
SELECT
    p.plan_id AS modification_id,
    're_plan' AS modification_type,
    p.loan_id,
    p.begins_on AS modified_on,
    coalesce((
        SELECT sum(a.amount_principal) FROM public.amortisation_line AS a
        WHERE a.plan_id = p.plan_id
    ), 0) AS amount
FROM (
    SELECT
        t.plan_id,
        t.loan_id,
        t.begins_on,
        row_number() OVER (PARTITION BY t.loan_id ORDER BY t.begins_on, t.version) AS place
    FROM analytics.plan_timeline AS t
    WHERE t.begins_on < t.ends_on
) AS p
WHERE p.place > 1;
