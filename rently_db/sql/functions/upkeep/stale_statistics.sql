-- owner: platform
-- description: Tables whose statistics the planner should not trust any more, with what is wrong: never analysed, or much changed since. Of a partitioned table the
--     figures of the whole, which autovacuum never gathers, count too
CREATE FUNCTION ops.stale_statistics() RETURNS TABLE (relation text, finding text)
LANGUAGE sql STABLE AS $function$
WITH used AS (
    SELECT
        s.relid, s.n_live_tup AS live, s.n_mod_since_analyze AS changes, greatest(s.last_analyze, s.last_autoanalyze) AS analysed_at
    FROM pg_catalog.pg_stat_user_tables AS s
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
    WHERE s.schemaname IN ('public', 'analytics', 'ops') AND c.relkind <> 'p'
),

-- Of a whole PostgreSQL keeps no counters, and before 14 no row count either.
whole AS (
    SELECT
        c.oid, c.reltuples, sum(u.live) AS live,
        EXISTS (
            SELECT FROM pg_catalog.pg_stats AS k
            WHERE k.schemaname = c.relnamespace::regnamespace::text AND k.tablename = c.relname AND k.inherited
        ) AS is_analysed
    FROM pg_catalog.pg_class AS c
    CROSS JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) AS t
    INNER JOIN used AS u ON u.relid = t.relid
    WHERE c.relkind = 'p' AND c.relnamespace::regnamespace::text IN ('public', 'analytics', 'ops')
    GROUP BY c.oid, c.reltuples, c.relnamespace, c.relname
)

SELECT
    u.relid::regclass::text,
    CASE
        WHEN u.analysed_at IS NULL THEN 'never analysed'
        ELSE format('%s changes to %s rows since %s', u.changes, u.live, u.analysed_at)
    END
FROM used AS u
WHERE (u.analysed_at IS NULL AND u.live > 0) OR u.changes > greatest(0.1 * u.live, 1000)
UNION ALL
SELECT
    w.oid::regclass::text,
    CASE
        WHEN NOT w.is_analysed THEN 'never analysed as a whole'
        ELSE format('%s rows, and %s when it was analysed as a whole', w.live, w.reltuples)
    END
FROM whole AS w
WHERE
    w.live > 0
    AND (
        NOT w.is_analysed
        OR (current_setting('server_version_num')::integer >= 140000 AND abs(w.live - w.reltuples) > greatest(0.1 * w.live, 1000))
    )
ORDER BY 1
$function$;
