-- owner: platform
-- description: Notes in the queue the loan that is settled, and all that share the payment: what is left of it is cash of the first
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_payment_allocation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.loan_id, r.payment_id
            FROM new_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT r.loan_id
            UNION ALL
            SELECT a.loan_id FROM public.payment_allocation AS a WHERE a.payment_id = r.payment_id
        ) AS k;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.loan_id, r.payment_id
            FROM (
                (
                    SELECT n.id, n.loan_id, n.payment_id, n.plan_id, n.line_id, n.component, n.allocated_amount, n.created_at,
                        n.reversed_at FROM new_rows AS n
                    EXCEPT
                    SELECT o.id, o.loan_id, o.payment_id, o.plan_id, o.line_id, o.component, o.allocated_amount, o.created_at,
                        o.reversed_at FROM old_rows AS o
                )
                UNION ALL
                (
                    SELECT o.id, o.loan_id, o.payment_id, o.plan_id, o.line_id, o.component, o.allocated_amount, o.created_at,
                        o.reversed_at FROM old_rows AS o
                    EXCEPT
                    SELECT n.id, n.loan_id, n.payment_id, n.plan_id, n.line_id, n.component, n.allocated_amount, n.created_at,
                        n.reversed_at FROM new_rows AS n
                )
            ) AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT r.loan_id
            UNION ALL
            SELECT a.loan_id FROM public.payment_allocation AS a WHERE a.payment_id = r.payment_id
        ) AS k;
    ELSE
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.loan_id, r.payment_id
            FROM old_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT r.loan_id
            UNION ALL
            SELECT a.loan_id FROM public.payment_allocation AS a WHERE a.payment_id = r.payment_id
        ) AS k;
    END IF;
    RETURN NULL;
END
$function$;
