-- owner: platform
-- tier: T0
-- grain: materialized view of schema analytics
-- key: view_name
-- refresh: live
-- description: In which order the materialized views are refreshed: each after those that it reads, through whatever views
-- column view_name: Materialized view
-- column level: Most materialized views that lie below it, one on the other; 0: none
-- column refresh_frequency: minute, quarter_hour or daily; NULL: not in the catalogue
-- column is_populated: Whether it was ever filled
-- column has_key: Whether it has a unique index by which it can be refreshed beside its readers
CREATE VIEW analytics.refresh_order AS
WITH RECURSIVE reach AS (
    SELECT
        c.oid AS relation,
        c.oid AS used,
        0 AS level
    FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind = 'm'
    UNION
    SELECT
        r.relation,
        u.used,
        r.level + CASE WHEN t.relkind = 'm' THEN 1 ELSE 0 END AS level
    FROM reach AS r
    INNER JOIN analytics.relation_use AS u ON r.used = u.relation
    INNER JOIN pg_catalog.pg_class AS t ON u.used = t.oid
),

depth AS (
    SELECT
        r.relation,
        max(r.level) AS level
    FROM reach AS r
    GROUP BY r.relation
)

SELECT
    c.relname::text AS view_name,
    d.level,
    k.refresh_frequency,
    c.relispopulated AS is_populated,
    exists(
        SELECT FROM pg_catalog.pg_index AS i
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    ) AS has_key
FROM depth AS d
INNER JOIN pg_catalog.pg_class AS c ON d.relation = c.oid
LEFT JOIN analytics.view_catalogue AS k ON c.relname = k.view_name;
