-- owner: platform
-- description: Notes in the queue the loans that the payment settles
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_payment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
    INSERT INTO analytics.loan_state_queue (loan_id)
    SELECT DISTINCT k.loan_id
    FROM (
        SELECT DISTINCT r.id
        FROM (
            (
                SELECT n.id, n.amount, n.direction, n.status, n.received_at, n.processed_at, n.created_at, n.reversed_at FROM new_rows AS n
                EXCEPT
                SELECT o.id, o.amount, o.direction, o.status, o.received_at, o.processed_at, o.created_at, o.reversed_at FROM old_rows AS o
            )
            UNION ALL
            (
                SELECT o.id, o.amount, o.direction, o.status, o.received_at, o.processed_at, o.created_at, o.reversed_at FROM old_rows AS o
                EXCEPT
                SELECT n.id, n.amount, n.direction, n.status, n.received_at, n.processed_at, n.created_at, n.reversed_at FROM new_rows AS n
            )
        ) AS r
    ) AS r
    CROSS JOIN LATERAL (
        SELECT a.loan_id FROM public.payment_allocation AS a WHERE a.payment_id = r.id
    ) AS k;
    RETURN NULL;
END
$function$;
