-- owner: platform
-- tier: T0
-- grain: right of somebody other than the owner on something in schemas public, ops and analytics
-- key: kind, object, column_name, grantee, privilege
-- refresh: live
-- description: Who may do what, as PostgreSQL's own catalogue has it; what PUBLIC may do by default included
-- column kind: What the right is on: schema, table (views too), column, function, or default for what comes later
-- column object: Its name, quoted; of a default the schema
-- column column_name: Column, quoted; empty: the whole
-- column grantee: Who holds it, quoted; PUBLIC
-- column privilege: The right, e.g. SELECT
-- column is_ours: Whether it is something that v1 brought, and not v0's
CREATE VIEW ops.acl AS
WITH schema AS (
    SELECT
        n.oid,
        n.nspname,
        n.nspowner,
        n.nspacl
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname IN ('public', 'ops', 'analytics')
),

thing AS (
    SELECT
        'schema' AS kind,
        quote_ident(s.nspname) AS object,
        '' AS column_name,
        s.nspowner AS owner,
        coalesce(s.nspacl, acldefault('n', s.nspowner)) AS acl,
        s.nspname <> 'public' AS is_ours
    FROM schema AS s
    UNION ALL
    SELECT
        'table' AS kind,
        quote_ident(s.nspname) || '.' || quote_ident(c.relname) AS object,
        '' AS column_name,
        c.relowner AS owner,
        coalesce(c.relacl, acldefault('r', c.relowner)) AS acl,
        s.nspname <> 'public' AS is_ours
    FROM pg_catalog.pg_class AS c
    INNER JOIN schema AS s ON c.relnamespace = s.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    UNION ALL
    SELECT
        'column' AS kind,
        quote_ident(s.nspname) || '.' || quote_ident(c.relname) AS object,
        quote_ident(a.attname) AS column_name,
        c.relowner AS owner,
        a.attacl AS acl,
        s.nspname <> 'public' AS is_ours
    FROM pg_catalog.pg_attribute AS a
    INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
    INNER JOIN schema AS s ON c.relnamespace = s.oid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT
        'function' AS kind,
        format('%I.%I(%s)', s.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS object,
        '' AS column_name,
        p.proowner AS owner,
        coalesce(p.proacl, acldefault('f', p.proowner)) AS acl,
        s.nspname <> 'public' AS is_ours
    FROM pg_catalog.pg_proc AS p
    INNER JOIN schema AS s ON p.pronamespace = s.oid
    WHERE
        p.prokind = 'f'
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
        )
    UNION ALL
    SELECT
        'default' AS kind,
        quote_ident(s.nspname) || CASE d.defaclobjtype WHEN 'r' THEN ' TABLES' WHEN 'f' THEN ' FUNCTIONS' ELSE ' SEQUENCES' END AS object,
        '' AS column_name,
        d.defaclrole AS owner,
        d.defaclacl AS acl,
        s.nspname <> 'public' AS is_ours
    FROM pg_catalog.pg_default_acl AS d
    INNER JOIN schema AS s ON d.defaclnamespace = s.oid
    WHERE d.defaclobjtype IN ('r', 'f', 'S')
)

SELECT
    t.kind,
    t.object,
    t.column_name,
    CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END AS grantee,
    x.privilege_type AS privilege,
    t.is_ours
FROM thing AS t
CROSS JOIN LATERAL pg_catalog.aclexplode(t.acl) AS x
WHERE x.grantee <> t.owner;
