-- owner: platform
-- severity: fail
-- tags: selftest
-- table: ops.acl
-- description: Every SECURITY DEFINER function of ours pins its search_path
-- protects: against a function or operator of somebody else that runs with the rights of the owner
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_definer_functions_pinned AS
SELECT
    p.oid::regprocedure::text AS id,
    'search_path is not pinned' AS detail
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
WHERE
    n.nspname IN ('public', 'ops', 'analytics') AND p.prosecdef
    AND NOT EXISTS (
        SELECT FROM unnest(p.proconfig) AS c (setting)
        WHERE c.setting LIKE 'search_path=%'
    )
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.objid = p.oid AND d.deptype = 'e'
    );
