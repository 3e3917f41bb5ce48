-- owner: compliance
-- description: Makes the partitions of audit_log for this month and the months ahead, guarded as it is. Returns how many were made
CREATE FUNCTION ops.ensure_audit_partitions(ahead integer DEFAULT 2) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    month record;
    made bigint := 0;
BEGIN
    FOR month IN
        SELECT
            'audit_log_' || to_char(m.first_day, 'YYYY_MM') AS name, m.first_day AT TIME ZONE 'UTC' AS begins,
            (m.first_day + interval '1 month') AT TIME ZONE 'UTC' AS ends
        FROM generate_series(0, ahead) AS g (months)
        CROSS JOIN LATERAL (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => g.months)) AS m (first_day)
        ORDER BY 2
    LOOP
        IF to_regclass('ops.' || month.name) IS NOT NULL THEN
            CONTINUE;
        END IF;
        -- What was written before its partition was there stays where it is.
        IF EXISTS (
            SELECT FROM ops.audit_log_other AS o
            WHERE o.changed_at >= month.begins AND o.changed_at < month.ends
        ) THEN
            RAISE WARNING 'entries of the month of % stand in ops.audit_log_other, and stay there', month.name;
            CONTINUE;
        END IF;
        EXECUTE format('CREATE TABLE ops.%I (LIKE ops.audit_log INCLUDING ALL)', month.name);
        EXECUTE format(
            'ALTER TABLE ops.audit_log ATTACH PARTITION ops.%I FOR VALUES FROM (%L) TO (%L)', month.name, month.begins, month.ends
        );
        made := made + 1;
    END LOOP;
    -- A trigger of the whole table does not see what is written to a partition by its own name.
    FOR month IN
        SELECT c.relname AS name
        FROM pg_catalog.pg_inherits AS i
        INNER JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE
            i.inhparent = 'ops.audit_log'::regclass
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'guard_change')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER guard_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ops.%I FOR EACH STATEMENT '
            'EXECUTE FUNCTION ops.guard_audit(''by its own name'')',
            month.name
        );
    END LOOP;
    RETURN made;
END
$function$;
