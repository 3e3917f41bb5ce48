-- owner: finance
-- description: A loan keeps its currency once lines, disbursements or allocations are in it
CREATE FUNCTION ops.check_loan_currency() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM ops.require_read_committed(TG_TABLE_NAME, 'loan_currency_agrees', 'to change a loan''s currency');
    -- Rows that refer to the loan or its plans hold them FOR KEY SHARE until they commit: this waits for them, and they for us.
    PERFORM FROM public.loan AS l WHERE l.id = NEW.id FOR UPDATE;
    PERFORM FROM public.amortisation_plan AS p WHERE p.loan_id = NEW.id ORDER BY p.id FOR UPDATE;
    IF EXISTS (
        SELECT FROM public.amortisation_plan AS p JOIN public.amortisation_line AS li ON li.plan_id = p.id WHERE p.loan_id = NEW.id
    ) OR EXISTS (SELECT FROM public.disbursement AS d WHERE d.loan_id = NEW.id)
        OR EXISTS (SELECT FROM public.payment_allocation AS a WHERE a.loan_id = NEW.id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'loan_currency_agrees',
            MESSAGE = format('loan %s can''t change its currency to %s: it has money in %s', NEW.id, NEW.currency_code, OLD.currency_code);
    END IF;
    RETURN NULL;
END
$function$;
