-- owner: lending
-- description: Closes the open status of that type when a new one begins; statuses of one loan never overlap
CREATE FUNCTION ops.keep_status_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    current public.loan_status_history;
BEGIN
    -- Writers of one loan's history take turns.
    PERFORM FROM public.loan WHERE id = NEW.loan_id FOR NO KEY UPDATE;
    IF NEW.effective_through IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM public.loan_status_history AS h WHERE h.id = NEW.id) THEN
        -- It will not be inserted (ON CONFLICT DO NOTHING, or an error): the open status stays open.
        RETURN NEW;
    END IF;
    SELECT h.* INTO current FROM public.loan_status_history AS h
    WHERE h.loan_id = NEW.loan_id AND h.status_type = NEW.status_type AND h.effective_through IS NULL;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    -- now() is when the transaction began: a second change in it, or one in a transaction that began earlier, must come after.
    IF NEW.effective_from IS NULL OR NEW.effective_from <= current.effective_from THEN
        NEW.effective_from := greatest(clock_timestamp(), current.effective_from + interval '1 microsecond');
    END IF;
    UPDATE public.loan_status_history SET effective_through = NEW.effective_from WHERE id = current.id;
    RETURN NEW;
END
$function$;
