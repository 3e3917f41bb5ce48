-- owner: risk
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state
-- description: Half an instalment leaves the day it fell due and lowers the arrears
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_a_payment_in_part_leaves_the_rest AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        '510.00 since 2020-02-01, outstanding 1100.00',
        $$INSERT INTO public.payment_allocation (payment_id, loan_id, plan_id, line_id, component, allocated_amount)
            VALUES (:payment, :loan, :plan, :line, 'principal', 100)$$,
        $$SELECT format('%s since %s, outstanding %s', s.arrears::numeric(9, 2), s.overdue_since,
            s.outstanding_principal::numeric(9, 2)) FROM analytics.compute_loan_state(ARRAY[:loan], '2020-02-15') AS s$$
    ) AS p;
