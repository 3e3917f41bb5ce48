-- owner: platform
-- description: Takes back what apply_access() changed, of each role or the named one: what it gave goes, what it took away comes back. Returns how many
--     rights; those on what is gone are forgotten
CREATE FUNCTION ops.withdraw_access(role text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    item record;
    turned bigint := 0;
BEGIN
    -- Rights on one thing go together: thousands are turned, and each statement writes the thing's list anew.
    FOR item IN
        WITH taken AS (
            DELETE FROM ops.access_change AS c
            WHERE withdraw_access.role IS NULL OR c.role_name = withdraw_access.role
            RETURNING c.*
        ),

        present AS MATERIALIZED (SELECT a.kind, a.object, a.column_name, a.grantee, a.privilege FROM ops.acl AS a)

        SELECT
            t.was_given, t.kind, t.object, t.grantee, count(*) AS rights,
            string_agg(t.privilege || coalesce(' (' || t.column_name || ')', ''), ', ' ORDER BY t.privilege, t.column_name) AS privileges
        FROM taken AS t
        LEFT JOIN present AS p
            ON
                t.kind = p.kind AND t.object = p.object AND coalesce(t.column_name, '') = p.column_name AND t.grantee = p.grantee
                AND t.privilege = p.privilege
        WHERE
            -- Somebody else may have turned it already, or dropped it.
            (NOT t.was_given OR p.kind IS NOT NULL)
            AND (
                t.grantee = 'PUBLIC'
                OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE quote_ident(r.rolname) = t.grantee)
            )
        GROUP BY t.was_given, t.kind, t.object, t.grantee
    LOOP
        BEGIN
            EXECUTE CASE item.kind
                WHEN 'default' THEN format(
                    'ALTER DEFAULT PRIVILEGES IN SCHEMA %s %s %s ON %s %s %s', split_part(item.object, ' ', 1),
                    CASE WHEN item.was_given THEN 'REVOKE' ELSE 'GRANT' END, item.privileges, split_part(item.object, ' ', 2),
                    CASE WHEN item.was_given THEN 'FROM' ELSE 'TO' END, item.grantee
                )
                ELSE format(
                    '%s %s ON %s %s %s %s', CASE WHEN item.was_given THEN 'REVOKE' ELSE 'GRANT' END, item.privileges,
                    CASE item.kind WHEN 'column' THEN 'TABLE' ELSE upper(item.kind) END, item.object,
                    CASE WHEN item.was_given THEN 'FROM' ELSE 'TO' END, item.grantee
                )
            END;
            turned := turned + item.rights;
        EXCEPTION WHEN undefined_table OR undefined_function OR undefined_column OR invalid_schema_name THEN
            NULL;
        END;
    END LOOP;
    RETURN turned;
END
$function$;
