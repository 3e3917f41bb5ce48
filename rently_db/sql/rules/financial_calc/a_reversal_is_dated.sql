-- owner: finance
-- severity: fail
-- tags: selftest
-- table: payment
-- description: A reversed payment counts until the day of its reversal
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_a_reversal_is_dated AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        '1100.00, 1200.00',
        $$INSERT INTO public.payment_allocation (payment_id, loan_id, plan_id, line_id, component, allocated_amount)
            VALUES (:payment, :loan, :plan, :line, 'principal', 100)$$,
        $$UPDATE public.payment SET status = 'reversed', reversed_at = '2020-03-10 12:00Z' WHERE id = :payment$$,
        $$SELECT string_agg(s.outstanding_principal::numeric(9, 2)::text, ', ' ORDER BY d.day) FROM (VALUES
            ('2020-03-09'::date), ('2020-03-10')) AS d (day) CROSS JOIN LATERAL analytics.compute_loan_state(ARRAY[:loan],
            d.day) AS s$$
    ) AS p;
