-- owner: platform
-- description: How fast the server answers: cache, statements by pg_stat_statements (UNKNOWN, with the reason, where that is
--     not at work), refreshes, dead rows; each beside its benchmark
CREATE FUNCTION ops.get_performance_metrics()
RETURNS TABLE (metric_name text, current_value numeric, unit text, status text, benchmark text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
WITH io AS (
    SELECT round(100.0 * d.blks_hit / nullif(d.blks_hit + d.blks_read, 0), 2) AS hit_pct, d.deadlocks, d.temp_bytes, d.xact_rollback, d.xact_commit
    FROM pg_stat_database AS d
    WHERE d.datname = current_database()
),

statement AS (
    SELECT round(sum(s.total_ms) / nullif(sum(s.calls), 0), 3) AS mean_ms, max(s.mean_ms) FILTER (WHERE s.calls > 10) AS slowest_ms, sum(s.calls) AS calls
    FROM ops.slow_statements(0, 0) AS s
),

refresh AS (
    SELECT max(g.seconds) AS slowest_s, sum(g.seconds) FILTER (WHERE g.started_at > clock_timestamp() - interval '1 day') AS day_s
    FROM (
        SELECT DISTINCT ON (r.view_name) r.view_name, r.seconds, r.started_at
        FROM analytics.refresh_log AS r
        WHERE r.ok
        ORDER BY r.view_name ASC, r.started_at DESC
    ) AS g
),

dead AS (
    SELECT max(100.0 * t.n_dead_tup / (t.n_live_tup + t.n_dead_tup)) FILTER (WHERE t.n_live_tup + t.n_dead_tup > 10000) AS worst_pct
    FROM pg_stat_user_tables AS t
    WHERE t.schemaname IN ('public', 'analytics', 'ops')
)

SELECT
    m.metric_name, m.current_value, m.unit, CASE WHEN m.current_value IS NULL THEN 'UNKNOWN' WHEN m.is_bad THEN 'WARNING' ELSE 'HEALTHY' END,
    m.benchmark || CASE WHEN m.sort IN (2, 3, 4) THEN coalesce('; ' || ops.statements_missing(), '') ELSE '' END
FROM io AS i
CROSS JOIN statement AS s
CROSS JOIN refresh AS r
CROSS JOIN dead AS d
CROSS JOIN LATERAL (
    VALUES
    (1, 'cache hit ratio', i.hit_pct, 'percent', i.hit_pct < 95, 'at least 95'),
    (2, 'mean time of a statement', s.mean_ms, 'ms', s.mean_ms > 100, 'at most 100'),
    (3, 'slowest statement called more than 10 times, in the mean', s.slowest_ms, 'ms', s.slowest_ms > 3000, 'at most 3000'),
    (4, 'statements called', s.calls, 'calls', FALSE, 'none'),
    (5, 'slowest refresh of a materialized view', r.slowest_s, 's', r.slowest_s > 300, 'at most 300'),
    (6, 'refreshes of the last day together', r.day_s, 's', FALSE, 'none'),
    (7, 'dead rows in the worst table of more than 10,000', round(d.worst_pct, 2), 'percent', d.worst_pct > 20, 'at most 20'),
    (8, 'deadlocks since the statistics were reset', i.deadlocks::numeric, 'deadlocks', i.deadlocks > 0, 'none'),
    (
        9, 'transactions rolled back', round(100.0 * i.xact_rollback / nullif(i.xact_rollback + i.xact_commit, 0), 2), 'percent',
        i.xact_rollback > 0.05 * (i.xact_rollback + i.xact_commit), 'at most 5'
    ),
    (10, 'written to temporary files', round(i.temp_bytes / 1048576.0, 1), 'MB', FALSE, 'none')
) AS m (sort, metric_name, current_value, unit, is_bad, benchmark)
ORDER BY m.sort
$function$;
