-- owner: finance
-- description: A journal stays with its legal entity once it has entries
CREATE FUNCTION ops.check_journal_header() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM ops.require_read_committed(TG_TABLE_NAME, 'ledger_entry_journal_one_entity', 'to move a journal');
    -- Entries hold their journal FOR KEY SHARE until they commit: this waits for them, and they for us.
    PERFORM FROM public.journal_entry AS j WHERE j.id = NEW.id FOR UPDATE;
    IF EXISTS (SELECT FROM public.ledger_entry AS e WHERE e.journal_id = NEW.id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'ledger_entry_journal_one_entity',
            MESSAGE = format('journal %s can''t move to another legal entity: it has entries', NEW.id);
    END IF;
    RETURN NULL;
END
$function$;
