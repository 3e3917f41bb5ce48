-- owner: platform
-- description: What a DBA runs with psql, as a superuser or as who may create roles, where the migrating user may not: roles, then rights
CREATE FUNCTION ops.access_script() RETURNS text
LANGUAGE sql STABLE AS $function$
SELECT string_agg(s.line, E'\n' ORDER BY s.sort, s.position)
FROM (
    SELECT 1 AS sort, 0 AS position, '-- Roles of rently_db; none can log in. Run by a superuser, or by who may create roles and is a member of the owner.' AS line
    UNION ALL
    SELECT
        2, row_number() OVER (), format(
            'DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = %L) THEN CREATE ROLE %I NOLOGIN; END IF; END $$;', o.role_name, o.role_name
        )
    FROM ops.our_roles() AS o
    UNION ALL
    SELECT 3, s.position, format(s.line, c.owner)
    FROM (SELECT pg_catalog.pg_get_userbyid(n.nspowner) AS owner FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'ops') AS c
    -- As the owner: default privileges are of what that role creates later.
    CROSS JOIN LATERAL (VALUES (1, 'GRANT rently_readonly TO %I;'), (2, 'SET ROLE %I;')) AS s (position, line)
    -- A superuser needs no membership, and is that of others.
    WHERE s.position > 1 OR NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = c.owner)
    UNION ALL
    SELECT 4, s.position, s.line
    FROM (VALUES (1, 'SELECT ops.apply_access();'), (2, 'RESET ROLE;')) AS s (position, line)
) AS s
$function$;
