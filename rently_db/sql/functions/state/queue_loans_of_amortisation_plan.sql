-- owner: platform
-- description: Notes in the queue the loan that the plan schedules
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_amortisation_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.loan_id
            FROM new_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT r.loan_id
        ) AS k;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.loan_id
            FROM (
                (
                    SELECT n.id, n.loan_id, n.version, n.status, n.effective_from, n.effective_through FROM new_rows AS n
                    EXCEPT
                    SELECT o.id, o.loan_id, o.version, o.status, o.effective_from, o.effective_through FROM old_rows AS o
                )
                UNION ALL
                (
                    SELECT o.id, o.loan_id, o.version, o.status, o.effective_from, o.effective_through FROM old_rows AS o
                    EXCEPT
                    SELECT n.id, n.loan_id, n.version, n.status, n.effective_from, n.effective_through FROM new_rows AS n
                )
            ) AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT r.loan_id
        ) AS k;
    ELSE
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.loan_id
            FROM old_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT r.loan_id
        ) AS k;
    END IF;
    RETURN NULL;
END
$function$;
