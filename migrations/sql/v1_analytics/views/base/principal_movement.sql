-- owner: finance
-- tier: T0
-- grain: movement of a loan's principal
-- key: kind, movement_id
-- refresh: live
-- description: What raises and lowers the principal that a loan owes: outstanding at d is the sum of what counts at d, not less than 0,
--     while the loan is on the book
-- column kind: disbursement, payment, transfer_in, transfer_out, or the kind of adjustment: waiver, write_off, refund, transfer
-- column movement_id: Disbursement, allocation, transfer or adjustment
-- column loan_id: Loan
-- column amount: Change of what is owed, in the loan's currency; what lowers it is negative
-- column value_date: First day on which it counts; NULL: unknown, counts nowhere
-- column counts_until: First day on which it no longer counts; infinity: it was not reversed
CREATE VIEW analytics.principal_movement AS
SELECT
    'disbursement' AS kind,
    d.disbursement_id AS movement_id,
    d.loan_id,
    d.amount,
    d.value_date,
    'infinity'::date AS counts_until
FROM analytics.dated_disbursement AS d
UNION ALL
SELECT
    'payment' AS kind,
    a.allocation_id AS movement_id,
    a.loan_id,
    -a.amount AS amount,
    a.value_date,
    a.counts_until
FROM analytics.dated_allocation AS a
WHERE a.component = 'principal'
UNION ALL
SELECT
    j.kind,
    j.id AS movement_id,
    j.loan_id,
    CASE j.kind WHEN 'refund' THEN j.amount ELSE -j.amount END AS amount,
    j.effective_date AS value_date,
    'infinity'::date AS counts_until
FROM public.loan_adjustment AS j
WHERE j.component = 'principal'
UNION ALL
SELECT
    'transfer_out' AS kind,
    t.id AS movement_id,
    t.source_loan_id AS loan_id,
    -t.transfer_amount AS amount,
    t.transfer_date AS value_date,
    'infinity'::date AS counts_until
FROM public.loan_transfers AS t
WHERE t.status = 'completed'
UNION ALL
SELECT
    'transfer_in' AS kind,
    t.id AS movement_id,
    t.target_loan_id AS loan_id,
    t.transfer_amount AS amount,
    t.transfer_date AS value_date,
    'infinity'::date AS counts_until
FROM public.loan_transfers AS t
WHERE t.status = 'completed';
