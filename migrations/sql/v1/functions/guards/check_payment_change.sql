-- owner: finance
-- description: A payment never shrinks below what is allocated of it, nor changes its currency under its allocations and ledger entries
CREATE FUNCTION ops.check_payment_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    allocated numeric;
BEGIN
    PERFORM ops.require_read_committed(TG_TABLE_NAME, 'payment_allocation_within_payment', 'to shrink a payment or change its currency');
    -- Rows that refer to the payment hold it FOR KEY SHARE until they commit: this waits for them, and they for us.
    PERFORM FROM public.payment AS p WHERE p.id = NEW.id FOR UPDATE;
    SELECT sum(a.allocated_amount) INTO allocated
    FROM public.payment_allocation AS a WHERE a.payment_id = NEW.id AND a.reversed_at IS NULL;
    IF NEW.amount < OLD.amount AND allocated > NEW.amount THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'payment_allocation_within_payment',
            MESSAGE = format('payment %s can''t fall to %s: %s of it is allocated', NEW.id, NEW.amount, allocated),
            HINT = 'Reverse allocations first.';
    END IF;
    IF NEW.currency_code IS DISTINCT FROM OLD.currency_code AND allocated > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'payment_allocation_currency_agrees',
            MESSAGE = format('payment %s can''t change its currency to %s: it is allocated', NEW.id, NEW.currency_code);
    END IF;
    IF EXISTS (SELECT FROM public.ledger_entry AS e WHERE e.payment_id = NEW.id AND e.currency_code <> NEW.currency_code)
        AND NEW.currency_code IS DISTINCT FROM OLD.currency_code THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'ledger_entry_currency_agrees',
            MESSAGE = format('payment %s can''t change its currency to %s: it is booked in another', NEW.id, NEW.currency_code);
    END IF;
    RETURN NULL;
END
$function$;
