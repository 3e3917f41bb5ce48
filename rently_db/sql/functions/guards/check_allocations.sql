-- owner: finance
-- description: New allocations stay within their payment; their loan, plan, line and currencies belong together
CREATE FUNCTION ops.check_allocations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    wrong record;
BEGIN
    PERFORM ops.require_read_committed(TG_TABLE_NAME, 'payment_allocation_within_payment', 'to write allocations');
    -- Lock first, in one order for all sessions, then look: without the lock two sessions allocate 160 of 100, or of a payment whose
    -- currency another session is changing.
    PERFORM FROM public.payment AS p WHERE p.id IN (SELECT n.payment_id FROM written AS n) ORDER BY p.id FOR NO KEY UPDATE;
    SELECT n.id, n.loan_id, p.currency_code AS paid_in, l.currency_code AS lent_in, li.currency_code AS due_in,
        coalesce(pl.loan_id, lp.loan_id) IS DISTINCT FROM n.loan_id AND coalesce(pl.loan_id, lp.loan_id) IS NOT NULL AS other_loan,
        n.plan_id IS NOT NULL AND n.line_id IS NOT NULL AND li.plan_id IS DISTINCT FROM n.plan_id AS other_plan
    INTO wrong
    FROM written AS n
    JOIN public.payment AS p ON p.id = n.payment_id
    JOIN public.loan AS l ON l.id = n.loan_id
    LEFT JOIN public.amortisation_plan AS pl ON pl.id = n.plan_id
    LEFT JOIN public.amortisation_line AS li ON li.id = n.line_id
    LEFT JOIN public.amortisation_plan AS lp ON lp.id = li.plan_id
    WHERE p.currency_code <> l.currency_code OR li.currency_code <> l.currency_code
        OR pl.loan_id <> n.loan_id OR lp.loan_id <> n.loan_id OR li.plan_id <> n.plan_id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = CASE
                WHEN wrong.other_loan OR wrong.other_plan THEN 'payment_allocation_belongs_together'
                ELSE 'payment_allocation_currency_agrees' END,
            MESSAGE = CASE
                WHEN wrong.other_plan THEN format('payment_allocation %s names a line that is not of its plan', wrong.id)
                WHEN wrong.other_loan THEN format('payment_allocation %s names a plan or line that is not of its loan', wrong.id)
                ELSE format('payment_allocation %s: paid in %s, lent in %s, due in %s', wrong.id, wrong.paid_in, wrong.lent_in,
                    coalesce(wrong.due_in::text, '-')) END;
    END IF;
    SELECT p.id, p.amount, sum(a.allocated_amount) AS allocated INTO wrong
    FROM public.payment AS p
    JOIN public.payment_allocation AS a ON a.payment_id = p.id AND a.reversed_at IS NULL
    WHERE p.id IN (SELECT n.payment_id FROM written AS n WHERE n.reversed_at IS NULL)
    GROUP BY p.id, p.amount
    HAVING sum(a.allocated_amount) > p.amount
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'payment_allocation_within_payment',
            MESSAGE = format('payment %s is of %s, but %s would be allocated', wrong.id, wrong.amount, wrong.allocated),
            HINT = 'Allocate at most what is left of the payment, or reverse another allocation first.';
    END IF;
    RETURN NULL;
END
$function$;
