-- owner: platform
-- description: Creates the roles of ours that are missing, if the current user may. Returns those that still are, and warns of them
CREATE FUNCTION ops.create_roles() RETURNS SETOF text
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    item record;
    missing text[] := '{}';
    may CONSTANT boolean := (SELECT r.rolsuper OR r.rolcreaterole FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user);
BEGIN
    FOR item IN
        SELECT o.role_name, o.description
        FROM ops.our_roles() AS o
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = o.role_name)
    LOOP
        IF NOT may THEN
            missing := missing || item.role_name;
            RETURN NEXT item.role_name;
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', item.role_name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', item.role_name, 'rently_db: ' || item.description);
        EXCEPTION
            -- Another database of the server was migrated at the same moment.
            WHEN duplicate_object OR unique_violation THEN
                NULL;
        END;
    END LOOP;
    IF cardinality(missing) > 0 THEN
        RAISE WARNING '% may not create roles, and these are missing: %', current_user, array_to_string(missing, ', ')
            USING HINT = 'A DBA runs what SELECT ops.access_script() gives.';
    END IF;
END
$function$;
