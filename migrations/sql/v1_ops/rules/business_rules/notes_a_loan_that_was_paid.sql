-- owner: platform
-- severity: fail
-- tags: selftest
-- table: payment_allocation
-- description: A payment on a loan notes it in the queue of its state
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_notes_a_loan_that_was_paid AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        'true',
        $$DELETE FROM analytics.loan_state_queue WHERE loan_id = :loan$$,
        $$INSERT INTO public.payment_allocation (payment_id, loan_id, component, allocated_amount) VALUES (:payment,
            :loan, 'principal', 10)$$,
        $$SELECT EXISTS (SELECT FROM analytics.loan_state_queue AS q WHERE q.loan_id = :loan)::text$$
    ) AS p;
