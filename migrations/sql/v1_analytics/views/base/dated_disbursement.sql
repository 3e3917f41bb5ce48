-- owner: finance
-- tier: T0
-- grain: completed disbursement
-- key: disbursement_id
-- refresh: live
-- description: Completed disbursements with the day on which the money was lent
-- column disbursement_id: Disbursement
-- column loan_id: Loan
-- column amount: Amount paid out, in the loan's currency
-- column value_date: Local date at the loan's legal entity on which it was paid out, else recorded, else the loan's start
CREATE VIEW analytics.dated_disbursement AS
SELECT
    d.id AS disbursement_id,
    d.loan_id,
    d.amount,
    coalesce((coalesce(d.disbursed_at AT TIME ZONE 'UTC', d.created_at) AT TIME ZONE coalesce(e.time_zone, 'UTC'))::date, l.start_date)
        AS value_date
FROM public.disbursement AS d
INNER JOIN public.loan AS l ON d.loan_id = l.id
INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id
WHERE d.status = 'completed';
