-- owner: finance
-- description: At commit, the entries of a journal are of its one legal entity and balance in every currency
CREATE FUNCTION ops.check_journal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    wrong record;
BEGIN
    IF EXISTS (
        SELECT FROM public.ledger_entry AS e JOIN public.journal_entry AS j ON j.id = e.journal_id
        WHERE e.journal_id = NEW.journal_id AND e.legal_entity_id <> j.legal_entity_id
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'ledger_entry_journal_one_entity',
            MESSAGE = format('journal %s has entries of another legal entity', NEW.journal_id);
    END IF;
    SELECT e.currency_code,
        coalesce(sum(e.amount) FILTER (WHERE e.side = 'debit'), 0) AS debit,
        coalesce(sum(e.amount) FILTER (WHERE e.side = 'credit'), 0) AS credit
    INTO wrong
    FROM public.ledger_entry AS e WHERE e.journal_id = NEW.journal_id
    GROUP BY e.currency_code
    HAVING coalesce(sum(e.amount) FILTER (WHERE e.side = 'debit'), 0) <> coalesce(sum(e.amount) FILTER (WHERE e.side = 'credit'), 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'ledger_entry_journal_balances',
            MESSAGE = format('journal %s does not balance in %s: debit %s, credit %s', NEW.journal_id, wrong.currency_code, wrong.debit,
                wrong.credit);
    END IF;
    RETURN NULL;
END
$function$;
