-- owner: platform
-- description: Notes in the queue the loans of the product
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_product() RETURNS trigger
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
                SELECT n.id, n.grace_days, n.tolerance_amount, n.tolerance_pct FROM new_rows AS n
                EXCEPT
                SELECT o.id, o.grace_days, o.tolerance_amount, o.tolerance_pct FROM old_rows AS o
            )
            UNION ALL
            (
                SELECT o.id, o.grace_days, o.tolerance_amount, o.tolerance_pct FROM old_rows AS o
                EXCEPT
                SELECT n.id, n.grace_days, n.tolerance_amount, n.tolerance_pct FROM new_rows AS n
            )
        ) AS r
    ) AS r
    CROSS JOIN LATERAL (
        SELECT l.id AS loan_id FROM public.loan AS l WHERE l.product_id = r.id
    ) AS k;
    RETURN NULL;
END
$function$;
