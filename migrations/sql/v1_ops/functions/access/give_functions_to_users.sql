-- owner: platform
-- description: What PUBLIC may no longer call, whoever needs it may: readers of the analytics the functions in its views. Roles of others are served like
--     ours. The one that makes ids stays everybody's: who is granted INSERT on a lending table by hand can write there
CREATE FUNCTION ops.give_functions_to_users() RETURNS void
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    item record;
BEGIN
    FOR item IN
        WITH reader AS (
            SELECT DISTINCT a.grantee
            FROM ops.acl AS a
            WHERE a.kind IN ('table', 'column') AND a.privilege = 'SELECT' AND (a.object LIKE 'analytics.%' OR a.object LIKE 'ops.rule\_%')
        ),

        wanted AS (
            SELECT r.grantee, p.oid
            FROM reader AS r
            CROSS JOIN pg_catalog.pg_proc AS p
            WHERE p.pronamespace = 'analytics'::regnamespace AND p.provolatile <> 'v' AND p.prokind = 'f'
        )

        SELECT w.grantee, string_agg(w.oid::regprocedure::text, ', ' ORDER BY w.oid::regprocedure::text) AS functions
        FROM wanted AS w
        WHERE
            NOT EXISTS (
                SELECT FROM pg_catalog.pg_proc AS p
                CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) AS x
                WHERE
                    p.oid = w.oid AND x.privilege_type = 'EXECUTE'
                    AND CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END = w.grantee
            )
        GROUP BY w.grantee
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', item.functions, item.grantee);
    END LOOP;
END
$function$;
