-- owner: platform
-- description: Makes look_read_only a function of role rently_readonly: whose rights it has, no query of an alert rule can exceed. Warns if the current user
--     may not; until then no alert rule is run
CREATE FUNCTION ops.give_look_to_reader() RETURNS void
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    -- Since PostgreSQL 16 who is a member may still not become it.
    needed CONSTANT text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    IF EXISTS (
        SELECT FROM pg_catalog.pg_proc AS p
        WHERE p.oid = 'ops.look_read_only(text)'::regprocedure AND p.proowner = 'rently_readonly'::regrole
    ) THEN
        RETURN;
    END IF;
    IF NOT pg_has_role(current_user, 'rently_readonly', needed) THEN
        EXECUTE format('GRANT rently_readonly TO %I', current_user);
    END IF;
    -- The new owner must be able to create what it owns.
    GRANT CREATE ON SCHEMA ops TO rently_readonly;
    ALTER FUNCTION ops.look_read_only(text) OWNER TO rently_readonly;
    REVOKE CREATE ON SCHEMA ops FROM rently_readonly;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING '% may not act as rently_readonly, as which alert rules are run: %', current_user, SQLERRM
        USING HINT = 'A DBA runs what SELECT ops.access_script() gives.';
END
$function$;
