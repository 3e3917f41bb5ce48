-- owner: platform
-- description: Notes in the queue the loans of the country's companies, if the class is one that is or was non-performing
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_classification_rule() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.country_code
            FROM new_rows AS r
            WHERE EXISTS (SELECT FROM public.analytics_setting AS s WHERE s.key = 'non_performing_classes' AND s.value ? r.class)
        ) AS r
        CROSS JOIN LATERAL (
            SELECT l.id AS loan_id
            FROM public.legal_entity AS e
            INNER JOIN public.loan AS l ON l.legal_entity_id = e.id
            WHERE e.country_code = r.country_code
        ) AS k;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.country_code
            FROM (
                (
                    SELECT n.id, n.country_code, n.class, n.threshold_days, n.operator, n.valid_from, n.valid_through FROM new_rows AS n
                    EXCEPT
                    SELECT o.id, o.country_code, o.class, o.threshold_days, o.operator, o.valid_from, o.valid_through FROM old_rows AS o
                )
                UNION ALL
                (
                    SELECT o.id, o.country_code, o.class, o.threshold_days, o.operator, o.valid_from, o.valid_through FROM old_rows AS o
                    EXCEPT
                    SELECT n.id, n.country_code, n.class, n.threshold_days, n.operator, n.valid_from, n.valid_through FROM new_rows AS n
                )
            ) AS r
            WHERE EXISTS (SELECT FROM public.analytics_setting AS s WHERE s.key = 'non_performing_classes' AND s.value ? r.class)
        ) AS r
        CROSS JOIN LATERAL (
            SELECT l.id AS loan_id
            FROM public.legal_entity AS e
            INNER JOIN public.loan AS l ON l.legal_entity_id = e.id
            WHERE e.country_code = r.country_code
        ) AS k;
    ELSE
        INSERT INTO analytics.loan_state_queue (loan_id)
        SELECT DISTINCT k.loan_id
        FROM (
            SELECT DISTINCT r.country_code
            FROM old_rows AS r
            WHERE EXISTS (SELECT FROM public.analytics_setting AS s WHERE s.key = 'non_performing_classes' AND s.value ? r.class)
        ) AS r
        CROSS JOIN LATERAL (
            SELECT l.id AS loan_id
            FROM public.legal_entity AS e
            INNER JOIN public.loan AS l ON l.legal_entity_id = e.id
            WHERE e.country_code = r.country_code
        ) AS k;
    END IF;
    RETURN NULL;
END
$function$;
