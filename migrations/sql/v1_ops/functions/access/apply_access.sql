-- owner: platform
-- description: Gives each role of ours, or the named one, the rights that its file says, and remembers what was changed by that. Returns the number of changes;
--     a role that does not exist is passed over
CREATE FUNCTION ops.apply_access(role text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    item record;
    one record;
    changed bigint;
    total bigint := 0;
BEGIN
    -- Two at once would each take the other's changes for their own.
    PERFORM pg_advisory_xact_lock(hashtext('ops.apply_access')::bigint);
    FOR item IN
        SELECT o.role_name
        FROM (SELECT r.role_name FROM ops.our_roles() AS r UNION ALL SELECT 'public') AS o
        WHERE
            (apply_access.role IS NULL OR o.role_name = apply_access.role)
            AND (o.role_name = 'public' OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = o.role_name))
        ORDER BY o.role_name = 'public', o.role_name
    LOOP
        CREATE TEMPORARY TABLE rently_acl_before ON COMMIT DROP AS SELECT a.* FROM ops.acl AS a;
        FOR one IN SELECT g.statement FROM ops.access_grant AS g WHERE g.role_name = item.role_name ORDER BY g.position LOOP
            EXECUTE one.statement;
        END LOOP;
        IF item.role_name = 'rently_readonly' THEN
            PERFORM ops.give_look_to_reader();
        END IF;
        PERFORM ops.give_functions_to_users();
        WITH now_there AS (
            SELECT a.kind, a.object, a.column_name, a.grantee, a.privilege FROM ops.acl AS a
        ),

        before AS (
            SELECT b.kind, b.object, b.column_name, b.grantee, b.privilege FROM pg_temp.rently_acl_before AS b
        )

        INSERT INTO ops.access_change (role_name, was_given, kind, object, column_name, grantee, privilege)
        SELECT item.role_name, d.was_given, d.kind, d.object, nullif(d.column_name, ''), d.grantee, d.privilege
        FROM (
            (
                SELECT true AS was_given, n.* FROM now_there AS n
                EXCEPT
                SELECT true, b.* FROM before AS b
            )
            UNION ALL
            (
                SELECT false, b.* FROM before AS b
                EXCEPT
                SELECT false, n.* FROM now_there AS n
            )
        ) AS d;
        GET DIAGNOSTICS changed = ROW_COUNT;
        total := total + changed;
        DROP TABLE pg_temp.rently_acl_before;
    END LOOP;
    RETURN total;
END
$function$;
