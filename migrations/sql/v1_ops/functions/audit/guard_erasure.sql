-- owner: compliance
-- description: Looks, of an update of the audit, that it took out contents and changed nothing else
CREATE FUNCTION ops.guard_erasure() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT
                n.id, n.changed_at, n.actor, n.db_user, n.application, n.transaction_id, n.table_name, n.row_id, n.action,
                n.old IS NULL OR n.old = o.old, n.new IS NULL OR n.new = o.new
            FROM new_rows AS n
            LEFT JOIN old_rows AS o ON o.id = n.id
            EXCEPT ALL
            SELECT
                o.id, o.changed_at, o.actor, o.db_user, o.application, o.transaction_id, o.table_name, o.row_id, o.action, true, true
            FROM old_rows AS o
        ) AS changed
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'audit_log_append_only',
            MESSAGE = 'of an entry of the audit only the contents may be erased: old and new set to NULL';
    END IF;
    RETURN NULL;
END
$function$;
