-- owner: lending
-- description: Records the operational status of a loan in its history, at its creation and at every change
CREATE FUNCTION ops.record_loan_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF TG_OP = 'UPDATE' AND NOT EXISTS (
        SELECT FROM public.loan_status_history AS h WHERE h.loan_id = NEW.id AND h.status_type = 'operational_status'
    ) THEN
        -- A loan from before v1 that the backfill has not reached yet: what it was until now is known, and since when it ran.
        INSERT INTO public.loan_status_history (loan_id, status_type, status_value, effective_from, created_at)
        SELECT NEW.id, v.status_type, v.status_value, OLD.start_date::timestamp AT TIME ZONE 'UTC', NULL
        FROM public.status_value AS v
        WHERE v.status_type = 'operational_status' AND v.status_value = OLD.status AND OLD.start_date < clock_timestamp();
    END IF;
    INSERT INTO public.loan_status_history (loan_id, status_type, status_value, effective_from)
    SELECT NEW.id, v.status_type, v.status_value, clock_timestamp()
    FROM public.status_value AS v
    WHERE v.status_type = 'operational_status' AND v.status_value = NEW.status;
    RETURN NULL;
END
$function$;
