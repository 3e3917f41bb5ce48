-- Every object of schemas public, ops and analytics as facts: kind, name, the table it belongs to, what is said of it, and what.
-- An object that says nothing else still says "there". Names are qualified, as the reader empties the search path.
-- What belongs to an extension is the extension's. A name of type name would cut the others in the union, to 63 bytes.
WITH schema AS (
    SELECT
        n.oid,
        n.nspname,
        n.nspowner,
        n.nspacl
    FROM pg_namespace AS n
    WHERE n.nspname IN ('public', 'ops', 'analytics')
),

relation AS (
    SELECT
        c.oid,
        c.oid::regclass::text AS name,
        c.relkind,
        c.relowner,
        c.relacl,
        c.reloptions,
        c.relispopulated,
        c.relrowsecurity,
        c.relpersistence,
        CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'matview' ELSE 'table' END AS kind
    FROM pg_class AS c
    INNER JOIN schema AS s ON c.relnamespace = s.oid
    WHERE
        c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
),

-- The months of the snapshots and of the audit are made as days come, and are as their table is; one of the audit that nothing guards is told.
partition AS (
    SELECT
        c.oid::regclass::text AS name,
        i.inhparent::regclass::text AS of_table,
        pg_get_expr(c.relpartbound, c.oid) AS bounds
    FROM pg_class AS c
    INNER JOIN schema AS s ON c.relnamespace = s.oid
    INNER JOIN pg_inherits AS i ON c.oid = i.inhrelid
    WHERE
        c.relkind IN ('r', 'p', 'f') AND c.relispartition
        AND NOT (
            s.nspname = 'analytics'
            AND i.inhparent = to_regclass('analytics.loan_daily_snapshot')
            AND c.relname ~ '^loan_daily_snapshot_[0-9]{4}_(0[1-9]|1[0-2])$'
            AND c.relkind = 'r'
        )
        AND NOT (
            s.nspname = 'ops'
            AND i.inhparent = to_regclass('ops.audit_log')
            AND c.relname ~ '^audit_log_[0-9]{4}_(0[1-9]|1[0-2])$'
            AND c.relkind = 'r'
            AND EXISTS (
                SELECT FROM pg_trigger AS g
                WHERE g.tgrelid = c.oid AND g.tgname = 'guard_change' AND g.tgenabled IN ('O', 'A')
            )
        )
),

attribute AS (
    SELECT
        r.kind,
        r.name AS table_name,
        r.relowner,
        a.*,
        r.name || '.' || quote_ident(a.attname) AS name
    FROM relation AS r INNER JOIN pg_attribute AS a ON r.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
),

routine AS (
    SELECT
        p.oid,
        p.oid::regprocedure::text AS name,
        p.prokind,
        p.proowner,
        p.proacl
    FROM pg_proc AS p
    INNER JOIN schema AS s ON p.pronamespace = s.oid
    WHERE NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
),

granted AS (
    SELECT
        r.kind,
        r.name,
        r.name AS of_table,
        r.relowner AS owner,
        coalesce(r.relacl, acldefault('r', r.relowner)) AS acl
    FROM relation AS r
    UNION ALL
    SELECT
        'column' AS kind,
        a.name,
        a.table_name AS of_table,
        a.relowner AS owner,
        a.attacl AS acl
    FROM attribute AS a
    WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT
        'function' AS kind,
        f.name,
        '' AS of_table,
        f.proowner AS owner,
        coalesce(f.proacl, acldefault('f', f.proowner)) AS acl
    FROM routine AS f
    UNION ALL
    -- What anybody may do in public differs between servers and has nothing to do with us.
    SELECT
        'schema' AS kind,
        s.nspname::text AS name,
        '' AS of_table,
        s.nspowner AS owner,
        coalesce(s.nspacl, acldefault('n', s.nspowner)) AS acl
    FROM schema AS s
    WHERE s.nspname <> 'public'
)

SELECT
    'schema' AS kind,
    s.nspname::text AS name,
    '' AS of_table,
    'there' AS what,
    'yes' AS value
FROM schema AS s
WHERE s.nspname <> 'public'
UNION ALL
SELECT
    'schema' AS kind,
    s.nspname::text AS name,
    '' AS of_table,
    'comment' AS what,
    obj_description(s.oid, 'pg_namespace') AS value
FROM schema AS s
WHERE s.nspname <> 'public' AND obj_description(s.oid, 'pg_namespace') IS NOT NULL
UNION ALL
SELECT
    'extension' AS kind,
    e.extname::text AS name,
    '' AS of_table,
    'there' AS what,
    'yes' AS value
FROM pg_extension AS e
WHERE e.extname <> 'plpgsql'
UNION ALL
SELECT
    r.kind,
    r.name,
    r.name AS of_table,
    w.what,
    w.value
FROM relation AS r,
    LATERAL (
        VALUES
        ('there', 'yes'),
        ('definition', CASE WHEN r.relkind IN ('v', 'm') THEN rtrim(pg_get_viewdef(r.oid), ';') END),
        ('options', (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(r.reloptions) AS o)),
        ('comment', obj_description(r.oid, 'pg_class')),
        ('filled', CASE WHEN r.relkind = 'm' THEN CASE WHEN r.relispopulated THEN 'yes' ELSE 'no' END END),
        ('row security', CASE WHEN r.relrowsecurity THEN 'on' END),
        ('persistence', CASE r.relpersistence WHEN 'u' THEN 'unlogged' END),
        ('disabled constraints', (
            SELECT string_agg(DISTINCT k.conname, ', ' ORDER BY k.conname)
            FROM pg_trigger AS t INNER JOIN pg_constraint AS k ON t.tgconstraint = k.oid
            WHERE t.tgrelid = r.oid AND t.tgisinternal AND t.tgenabled = 'D'
        ))
    ) AS w (what, value)
WHERE w.value <> ''
UNION ALL
SELECT
    'partition' AS kind,
    p.name,
    p.of_table,
    'definition' AS what,
    p.bounds AS value
FROM partition AS p
UNION ALL
SELECT
    'column' AS kind,
    a.name,
    a.table_name AS of_table,
    w.what,
    w.value
FROM attribute AS a
LEFT JOIN pg_attrdef AS d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
LEFT JOIN pg_type AS t ON a.atttypid = t.oid
LEFT JOIN pg_collation AS l ON a.attcollation = l.oid AND a.attcollation <> t.typcollation
LEFT JOIN pg_namespace AS ln ON l.collnamespace = ln.oid,
    LATERAL (
        VALUES
        ('there', 'yes'),
        ('type', format_type(a.atttypid, a.atttypmod)),
        -- regcollation is there from PostgreSQL 13 on.
        ('collation', quote_ident(ln.nspname) || '.' || quote_ident(l.collname)),
        ('null', CASE WHEN a.attnotnull THEN 'not allowed' WHEN a.kind = 'table' THEN 'allowed' END),
        ('default', CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, d.adrelid) END),
        ('generated', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END),
        ('identity', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END),
        ('comment', col_description(a.attrelid, a.attnum))
    ) AS w (what, value)
WHERE w.value IS NOT NULL
UNION ALL
SELECT
    'constraint' AS kind,
    quote_ident(k.conname) || ' on ' || r.name AS name,
    r.name AS of_table,
    w.what,
    w.value
FROM relation AS r
-- NOT NULL is a property of the column; from PostgreSQL 18 on it is a constraint too.
INNER JOIN pg_constraint AS k ON r.oid = k.conrelid AND k.contype NOT IN ('n', 't'),
    LATERAL (
        VALUES
        ('definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')),
        ('validated', CASE WHEN k.convalidated THEN 'yes' ELSE 'no' END),
        ('comment', obj_description(k.oid, 'pg_constraint'))
    ) AS w (what, value)
WHERE w.value IS NOT NULL
UNION ALL
SELECT
    'index' AS kind,
    x.indexrelid::regclass::text AS name,
    r.name AS of_table,
    w.what,
    w.value
FROM relation AS r
INNER JOIN pg_index AS x ON r.oid = x.indrelid,
    LATERAL (
        VALUES
        ('definition', pg_get_indexdef(x.indexrelid)),
        ('usable', CASE WHEN x.indisvalid AND x.indisready THEN 'yes' ELSE 'no' END),
        ('comment', obj_description(x.indexrelid, 'pg_class')),
        ('constraint', (
            SELECT k.conname::text
            FROM pg_constraint AS k
            WHERE k.conindid = x.indexrelid AND k.conrelid = r.oid AND k.contype IN ('p', 'u', 'x')
        ))
    ) AS w (what, value)
WHERE w.value IS NOT NULL
UNION ALL
SELECT
    'trigger' AS kind,
    quote_ident(g.tgname) || ' on ' || r.name AS name,
    r.name AS of_table,
    w.what,
    w.value
FROM relation AS r
INNER JOIN pg_trigger AS g ON r.oid = g.tgrelid AND NOT g.tgisinternal,
    LATERAL (
        VALUES
        ('definition', pg_get_triggerdef(g.oid)),
        (
            'state',
            CASE g.tgenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled replica' ELSE 'enabled always' END
        ),
        ('comment', obj_description(g.oid, 'pg_trigger'))
    ) AS w (what, value)
WHERE w.value IS NOT NULL
UNION ALL
SELECT
    'rule' AS kind,
    quote_ident(u.rulename) || ' on ' || r.name AS name,
    r.name AS of_table,
    'definition' AS what,
    pg_get_ruledef(u.oid) AS value
FROM relation AS r INNER JOIN pg_rewrite AS u ON r.oid = u.ev_class AND u.rulename <> '_RETURN'
UNION ALL
SELECT
    'policy' AS kind,
    quote_ident(y.polname) || ' on ' || r.name AS name,
    r.name AS of_table,
    'definition' AS what,
    concat_ws(
        ' ', y.polcmd, y.polpermissive, 'using', pg_get_expr(y.polqual, y.polrelid), 'check', pg_get_expr(y.polwithcheck, y.polrelid)
    ) AS value
FROM relation AS r INNER JOIN pg_policy AS y ON r.oid = y.polrelid
UNION ALL
SELECT
    'function' AS kind,
    f.name,
    '' AS of_table,
    w.what,
    w.value
FROM routine AS f,
    LATERAL (
        VALUES
        ('definition', CASE WHEN f.prokind IN ('f', 'p') THEN rtrim(pg_get_functiondef(f.oid)) ELSE 'an aggregate or window function' END),
        ('comment', obj_description(f.oid, 'pg_proc'))
    ) AS w (what, value)
WHERE w.value IS NOT NULL
UNION ALL
-- The owner's own rights are nobody else's business; who granted what does not matter.
SELECT DISTINCT
    g.kind,
    g.name,
    g.of_table,
    'grant ' || x.privilege_type || ' to ' || CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS what,
    CASE WHEN x.is_grantable THEN 'with grant option' ELSE 'yes' END AS value
FROM granted AS g, aclexplode(g.acl) AS x
WHERE x.grantee <> g.owner
UNION ALL
-- What is granted on tables that come later, made by the schema's owner.
SELECT DISTINCT
    'schema' AS kind,
    s.nspname::text AS name,
    '' AS of_table,
    'grant ' || x.privilege_type || ' on later '
    || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'f' THEN 'functions' ELSE 'sequences' END
    || ' to ' || CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS what,
    CASE WHEN x.is_grantable THEN 'with grant option' ELSE 'yes' END AS value
FROM pg_default_acl AS d
INNER JOIN schema AS s ON d.defaclnamespace = s.oid AND d.defaclrole = s.nspowner,
    aclexplode(d.defaclacl) AS x
WHERE s.nspname <> 'public' AND d.defaclobjtype IN ('r', 'f', 'S') AND x.grantee <> s.nspowner
