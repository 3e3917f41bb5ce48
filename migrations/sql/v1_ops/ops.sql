-- What the operations need besides their tables and functions. Written by hand.

-- Roles are the server's, not the database's: those that are there already stay as they are, and none is dropped on the way down.
--: data roles
SELECT ops.create_roles();

--: data audit-partitions share-update-exclusive=ops.audit_log
SELECT ops.ensure_audit_partitions();

-- On the way down the months lose the guards that ensure_audit_partitions() gave them, before the function of the guards is dropped.
--: back audit-guards ops.audit_log
DO $$
DECLARE
    month text;
BEGIN
    FOR month IN
        SELECT t.tgrelid::regclass::text
        FROM pg_catalog.pg_trigger AS t
        INNER JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = t.tgrelid AND i.inhparent = to_regclass('ops.audit_log')
        WHERE t.tgname = 'guard_change'
    LOOP
        EXECUTE format('DROP TRIGGER guard_change ON %s', month);
    END LOOP;
END
$$;

--: data monitoring
SELECT ops.initialize_monitoring_system();
