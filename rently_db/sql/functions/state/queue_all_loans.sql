-- owner: platform
-- description: Notes in the queue every loan, after a table was emptied of which nobody knows whose rows it held
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_all_loans() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    INSERT INTO analytics.loan_state_queue (loan_id) SELECT l.id FROM public.loan AS l;
    RETURN NULL;
END
$function$;
