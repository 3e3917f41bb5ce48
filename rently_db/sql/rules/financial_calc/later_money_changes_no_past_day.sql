-- owner: risk
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state
-- description: What is paid later does not change an earlier day
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_later_money_changes_no_past_day AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        '610.00, 510.00',
        $$INSERT INTO public.payment_allocation (payment_id, loan_id, plan_id, line_id, component, allocated_amount)
            VALUES (:payment, :loan, :plan, :line, 'principal', 100)$$,
        $$UPDATE public.payment SET received_at = '2020-02-20' WHERE id = :payment$$,
        $$SELECT string_agg(s.arrears::numeric(9, 2)::text, ', ' ORDER BY d.day) FROM (VALUES ('2020-02-15'::date),
            ('2020-02-25')) AS d (day) CROSS JOIN LATERAL analytics.compute_loan_state(ARRAY[:loan], d.day) AS s$$
    ) AS p;
