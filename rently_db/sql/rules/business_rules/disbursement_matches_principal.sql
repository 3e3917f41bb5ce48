-- owner: finance
-- severity: fail
-- tags: validation, critical
-- table: loan
-- column: principal_amount
-- description: Loan on which more was paid out than the contract says, with what was taken over from other loans
-- protects: against paying out twice
-- mend: reclaim what was paid out too much, or record the amendment of the contract
-- exempt: yes: until the amendment of the contract is signed; name the loan
CREATE VIEW ops.rule_disbursement_matches_principal AS
WITH paid_out AS (
    SELECT
        d.loan_id,
        sum(d.amount) AS amount
    FROM public.disbursement AS d
    WHERE d.status = 'completed'
    GROUP BY d.loan_id
),

taken_over AS (
    SELECT
        t.target_loan_id AS loan_id,
        sum(t.transfer_amount) AS amount
    FROM public.loan_transfers AS t
    WHERE t.status = 'completed'
    GROUP BY t.target_loan_id
)

SELECT
    l.id::text AS id,
    format('%s of %s %s', p.amount + coalesce(t.amount, 0), l.principal_amount, l.currency_code) AS detail
FROM public.loan AS l
INNER JOIN paid_out AS p ON l.id = p.loan_id
LEFT JOIN taken_over AS t ON l.id = t.loan_id
WHERE p.amount + coalesce(t.amount, 0) > l.principal_amount;
