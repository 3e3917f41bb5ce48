-- owner: platform
-- severity: fail
-- tags: alert
-- table: pg_stat_statements
-- alert: medium
-- every: 5 minutes
-- description: Statement that takes more than 5 s on average and was called more than 10 times, by pg_stat_statements; nothing where that is not installed
-- protects: everybody else on the server
-- mend: EXPLAIN (ANALYZE, BUFFERS) it; SELECT * FROM ops.optimize_analytics_performance() looks for what is missing
-- ends: no statement has such a mean any more: it was made quicker and called often enough since, or somebody with the right called
--     pg_stat_statements_reset()
-- urgency: in office hours: somebody waits, nothing is wrong
-- first: SELECT query_id, calls, mean_ms, left(query, 200) AS query FROM ops.slow_statements(5000, 10)
-- second: SELECT pid, usename, application_name, wait_event_type, now() - query_start AS running, left(query, 120) AS query FROM
--     pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() ORDER BY query_start
-- third: SELECT metric_name, current_value, unit, status, benchmark FROM ops.get_performance_metrics()
-- call: the owner of the statement; the DBA, who calls ops.optimize_analytics_performance() and may see the statements of others
CREATE VIEW ops.rule_slow_queries_detected AS
SELECT
    s.query_id AS id,
    format('%s ms in the mean of %s calls: %s', round(s.mean_ms), s.calls, left(s.query, 120)) AS detail
FROM ops.slow_statements(5000, 10) AS s;
