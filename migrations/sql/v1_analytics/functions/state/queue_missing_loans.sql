-- owner: platform
-- description: Notes loans without a state, and states without a loan, that nobody noted: what was written past the triggers. Returns how many
CREATE FUNCTION analytics.queue_missing_loans() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    found bigint;
BEGIN
    INSERT INTO analytics.loan_state_queue (loan_id)
    SELECT coalesce(l.id, s.loan_id)
    FROM public.loan AS l
    FULL JOIN analytics.loan_state AS s ON s.loan_id = l.id
    WHERE
        (l.id IS NULL OR s.loan_id IS NULL)
        AND NOT EXISTS (SELECT FROM analytics.loan_state_queue AS q WHERE q.loan_id = coalesce(l.id, s.loan_id));
    GET DIAGNOSTICS found = ROW_COUNT;
    RETURN found;
END
$function$;
