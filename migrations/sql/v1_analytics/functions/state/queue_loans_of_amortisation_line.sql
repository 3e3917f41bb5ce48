-- owner: platform
-- description: Notes in the queue the loan that the instalment's plan schedules
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_amortisation_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.plan_id
            FROM new_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT p.loan_id FROM public.amortisation_plan AS p WHERE p.id = r.plan_id
        ) AS k;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.plan_id
            FROM (
                (
                    SELECT n.id, n.plan_id, n.seq_no, n.due_date, n.amount_principal, n.amount_interest, n.amount_rc_fee,
                        n.amount_penalty, n.amount_other FROM new_rows AS n
                    EXCEPT
                    SELECT o.id, o.plan_id, o.seq_no, o.due_date, o.amount_principal, o.amount_interest, o.amount_rc_fee,
                        o.amount_penalty, o.amount_other FROM old_rows AS o
                )
                UNION ALL
                (
                    SELECT o.id, o.plan_id, o.seq_no, o.due_date, o.amount_principal, o.amount_interest, o.amount_rc_fee,
                        o.amount_penalty, o.amount_other FROM old_rows AS o
                    EXCEPT
                    SELECT n.id, n.plan_id, n.seq_no, n.due_date, n.amount_principal, n.amount_interest, n.amount_rc_fee,
                        n.amount_penalty, n.amount_other FROM new_rows AS n
                )
            ) AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT p.loan_id FROM public.amortisation_plan AS p WHERE p.id = r.plan_id
        ) AS k;
    ELSE
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.plan_id
            FROM old_rows AS r
        ) AS r
        CROSS JOIN LATERAL (
            SELECT p.loan_id FROM public.amortisation_plan AS p WHERE p.id = r.plan_id
        ) AS k;
    END IF;
    RETURN NULL;
END
$function$;
