-- owner: compliance
-- description: Refuses to change or take out entries of the audit; with the setting rently.erasing = on their contents may be set to NULL, and nothing else
CREATE FUNCTION ops.guard_audit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    -- Personal data must be erasable, and who, when and which row must stay: guard_erasure looks that only contents went.
    IF TG_OP = 'UPDATE' AND TG_NARGS = 0 AND current_setting('rently.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'audit_log_append_only',
        MESSAGE = format('%s of the audit is refused: its entries stay as they were written', TG_OP),
        HINT = 'A month that need not be kept any more is dropped as a partition.';
END
$function$;
