-- owner: platform
-- description: Notes in the queue both loans of the transfer
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_loan_transfers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.source_loan_id, r.target_loan_id
            FROM new_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT v.loan_id FROM (VALUES (r.source_loan_id), (r.target_loan_id)) AS v (loan_id) WHERE v.loan_id IS NOT NULL
        ) AS k;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.source_loan_id, r.target_loan_id
            FROM (
                (
                    SELECT n.id, n.source_loan_id, n.target_loan_id, n.transfer_amount, n.transfer_date, n.status FROM new_rows AS n
                    EXCEPT
                    SELECT o.id, o.source_loan_id, o.target_loan_id, o.transfer_amount, o.transfer_date, o.status FROM old_rows AS o
                )
                UNION ALL
                (
                    SELECT o.id, o.source_loan_id, o.target_loan_id, o.transfer_amount, o.transfer_date, o.status FROM old_rows AS o
                    EXCEPT
                    SELECT n.id, n.source_loan_id, n.target_loan_id, n.transfer_amount, n.transfer_date, n.status FROM new_rows AS n
                )
            ) AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT v.loan_id FROM (VALUES (r.source_loan_id), (r.target_loan_id)) AS v (loan_id) WHERE v.loan_id IS NOT NULL
        ) AS k;
    ELSE
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.source_loan_id, r.target_loan_id
            FROM old_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT v.loan_id FROM (VALUES (r.source_loan_id), (r.target_loan_id)) AS v (loan_id) WHERE v.loan_id IS NOT NULL
        ) AS k;
    END IF;
    RETURN NULL;
END
$function$;
