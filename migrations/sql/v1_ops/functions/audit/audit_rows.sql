-- owner: compliance
-- description: Writes an entry of audit_log for each row that a statement wrote: who, when, and of an update only what changed
CREATE FUNCTION ops.audit_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    who CONSTANT text := coalesce(nullif(current_setting('rently.actor', true), ''), session_user);
    program CONSTANT text := nullif(current_setting('application_name', true), '');
    relation CONSTANT text := CASE TG_TABLE_SCHEMA WHEN 'public' THEN '' ELSE TG_TABLE_SCHEMA || '.' END || TG_TABLE_NAME;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO ops.audit_log (id, changed_at, actor, db_user, application, transaction_id, table_name, row_id, action, old, new)
        SELECT
            public.uuidv7(), statement_timestamp(), who, session_user, program, txid_current(), relation, n.id::text, 'UPDATE', d.old, d.new
        FROM old_rows AS o
        INNER JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(a.key, a.value) AS old, jsonb_object_agg(b.key, b.value) AS new
            FROM jsonb_each(to_jsonb(o)) AS a
            INNER JOIN jsonb_each(to_jsonb(n)) AS b ON b.key = a.key
            -- The moment of the change is changed_at.
            WHERE a.value IS DISTINCT FROM b.value AND a.key <> 'updated_at'
        ) AS d
        WHERE d.old IS NOT NULL;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO ops.audit_log (id, changed_at, actor, db_user, application, transaction_id, table_name, row_id, action)
        SELECT public.uuidv7(), statement_timestamp(), who, session_user, program, txid_current(), relation, n.id::text, 'INSERT'
        FROM new_rows AS n;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ops.audit_log (id, changed_at, actor, db_user, application, transaction_id, table_name, row_id, action, old)
        SELECT
            public.uuidv7(), statement_timestamp(), who, session_user, program, txid_current(), relation, o.id::text, 'DELETE', to_jsonb(o)
        FROM old_rows AS o;
    ELSE
        INSERT INTO ops.audit_log (id, changed_at, actor, db_user, application, transaction_id, table_name, action)
        VALUES (public.uuidv7(), statement_timestamp(), who, session_user, program, txid_current(), relation, TG_OP);
    END IF;
    RETURN NULL;
END
$function$;
