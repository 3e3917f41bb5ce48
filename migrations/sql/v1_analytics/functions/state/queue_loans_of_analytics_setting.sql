-- owner: platform
-- description: Notes in the queue all loans, if it is a setting that their states depend on
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_analytics_setting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.key
            FROM new_rows AS r
            WHERE r.key = 'non_performing_classes'
        ) AS r
        CROSS JOIN LATERAL (
            SELECT l.id AS loan_id FROM public.loan AS l
        ) AS k;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.key
            FROM (
                (
                    SELECT n.id, n.key, n.value, n.valid_from, n.valid_through FROM new_rows AS n
                    EXCEPT
                    SELECT o.id, o.key, o.value, o.valid_from, o.valid_through FROM old_rows AS o
                )
                UNION ALL
                (
                    SELECT o.id, o.key, o.value, o.valid_from, o.valid_through FROM old_rows AS o
                    EXCEPT
                    SELECT n.id, n.key, n.value, n.valid_from, n.valid_through FROM new_rows AS n
                )
            ) AS r
            WHERE r.key = 'non_performing_classes'
        ) AS r
        CROSS JOIN LATERAL (
            SELECT l.id AS loan_id FROM public.loan AS l
        ) AS k;
    ELSE
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.key
            FROM old_rows AS r
            WHERE r.key = 'non_performing_classes'
        ) AS r
        CROSS JOIN LATERAL (
            SELECT l.id AS loan_id FROM public.loan AS l
        ) AS k;
    END IF;
    RETURN NULL;
END
$function$;
