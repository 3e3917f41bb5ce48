-- owner: finance
-- description: An amount that belongs to a loan, payment or disbursement is in its currency
CREATE FUNCTION ops.check_currency() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    expected text;
BEGIN
    IF TG_TABLE_NAME = 'amortisation_line' THEN
        SELECT l.currency_code INTO expected
        FROM public.amortisation_plan AS p JOIN public.loan AS l ON l.id = p.loan_id WHERE p.id = NEW.plan_id;
    ELSIF TG_TABLE_NAME = 'ledger_entry' THEN
        SELECT coalesce(p.currency_code, d.currency_code) INTO expected
        FROM (SELECT NEW.payment_id, NEW.disbursement_id) AS n
        LEFT JOIN public.payment AS p ON p.id = n.payment_id
        LEFT JOIN public.disbursement AS d ON d.id = n.disbursement_id;
    ELSE
        SELECT l.currency_code INTO expected FROM public.loan AS l WHERE l.id = NEW.loan_id;
    END IF;
    IF NEW.currency_code <> expected THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_currency_agrees',
            MESSAGE = format('%s %s is in %s, but what it belongs to is in %s', TG_TABLE_NAME, NEW.id, NEW.currency_code, expected);
    END IF;
    RETURN NULL;
END
$function$;
