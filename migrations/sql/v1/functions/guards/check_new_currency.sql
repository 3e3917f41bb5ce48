-- owner: finance
-- description: Amounts that belong to a loan, payment or disbursement are in its currency: the new rows of a statement together
CREATE FUNCTION ops.check_new_currency() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    wrong record;
BEGIN
    -- One join a statement: a plan of 360 lines, or a day's bookings, would pay for a look-up a row.
    IF TG_TABLE_NAME = 'amortisation_line' THEN
        SELECT w.id, w.currency_code, l.currency_code AS expected INTO wrong
        FROM written AS w
        JOIN public.amortisation_plan AS p ON p.id = w.plan_id
        JOIN public.loan AS l ON l.id = p.loan_id
        WHERE w.currency_code <> l.currency_code
        LIMIT 1;
    ELSIF TG_TABLE_NAME = 'ledger_entry' THEN
        SELECT w.id, w.currency_code, coalesce(p.currency_code, d.currency_code) AS expected INTO wrong
        FROM written AS w
        LEFT JOIN public.payment AS p ON p.id = w.payment_id
        LEFT JOIN public.disbursement AS d ON d.id = w.disbursement_id
        WHERE w.currency_code <> coalesce(p.currency_code, d.currency_code)
        LIMIT 1;
    ELSE
        SELECT w.id, w.currency_code, l.currency_code AS expected INTO wrong
        FROM written AS w
        JOIN public.loan AS l ON l.id = w.loan_id
        WHERE w.currency_code <> l.currency_code
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_currency_agrees',
            MESSAGE = format('%s %s is in %s, but what it belongs to is in %s', TG_TABLE_NAME, wrong.id, wrong.currency_code, wrong.expected);
    END IF;
    RETURN NULL;
END
$function$;
