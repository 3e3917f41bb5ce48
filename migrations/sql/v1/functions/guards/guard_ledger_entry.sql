-- owner: finance
-- description: Ledger entries are never deleted or changed; a mistake is corrected by a new entry
CREATE FUNCTION ops.guard_ledger_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'ledger_entry_append_only',
            MESSAGE = format('ledger_entry %s can''t be deleted', OLD.id), HINT = 'Correct it by a new entry.';
    END IF;
    IF (NEW.legal_entity_id, NEW.account_id, NEW.loan_id, NEW.payment_id, NEW.disbursement_id, NEW.journal_id, NEW.currency_code,
        NEW.amount, NEW.side, coalesce(OLD.entry_date, NEW.entry_date))
        IS DISTINCT FROM (OLD.legal_entity_id, OLD.account_id, OLD.loan_id, OLD.payment_id, OLD.disbursement_id, OLD.journal_id,
            OLD.currency_code, OLD.amount, OLD.side, NEW.entry_date) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'ledger_entry_append_only',
            MESSAGE = format('ledger_entry %s can''t change its amount, side, account, date or what it belongs to', OLD.id),
            HINT = 'Correct it by a new entry.';
    END IF;
    RETURN NEW;
END
$function$;
