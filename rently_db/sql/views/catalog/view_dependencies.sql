-- owner: platform
-- tier: T0
-- grain: view or materialized view of schema analytics
-- key: view_name
-- refresh: live
-- description: What each view is built on, as PostgreSQL's own dependencies tell, and what the catalogue says of it
-- column view_name: View or materialized view
-- column base_tables: Tables that it reads in the end, through whatever views, sorted; tables of another schema than public with it
-- column refresh_frequency: How old it may be: live, minute, quarter_hour or daily; NULL: not in the catalogue
-- column performance_tier: T0 exact when read, T1 at most a minute old, T2 at most 15 minutes, T3 daily or at month-ends
-- column business_owner: Who answers for its meaning
-- column is_materialized: Whether it is a stored copy
-- column description: What it shows, as its comment says
CREATE VIEW analytics.view_dependencies AS
WITH RECURSIVE reach AS (
    SELECT
        u.relation,
        u.used
    FROM analytics.relation_use AS u
    UNION
    SELECT
        r.relation,
        u.used
    FROM reach AS r
    INNER JOIN analytics.relation_use AS u ON r.used = u.relation
),

base AS (
    SELECT
        r.relation,
        array_agg(
            CASE WHEN n.nspname = 'public' THEN t.relname::text ELSE n.nspname || '.' || t.relname END
            ORDER BY n.nspname <> 'public', t.relname
        ) AS tables
    FROM reach AS r
    INNER JOIN pg_catalog.pg_class AS t ON r.used = t.oid AND t.relkind IN ('r', 'p')
    INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid AND n.nspname <> 'pg_catalog'
    GROUP BY r.relation
)

SELECT
    c.relname::text AS view_name,
    coalesce(b.tables, '{}') AS base_tables,
    k.refresh_frequency,
    k.performance_tier,
    k.business_owner,
    c.relkind = 'm' AS is_materialized,
    pg_catalog.obj_description(c.oid, 'pg_class') AS description
FROM pg_catalog.pg_class AS c
LEFT JOIN base AS b ON c.oid = b.relation
LEFT JOIN analytics.view_catalogue AS k ON c.relname = k.view_name
WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('v', 'm');
