-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan
-- description: Every table of more than 10,000 rows was analysed, and again after a fifth of it changed
-- protects: the planner, which without statistics reads whole tables
-- mend: ANALYZE it; SELECT * FROM ops.optimize_analytics_performance() does so for all
CREATE VIEW ops.rule_statistics_present AS
SELECT
    s.schemaname || '.' || s.relname AS id,
    coalesce(
        format('%s changes since %s', s.n_mod_since_analyze, greatest(s.last_analyze, s.last_autoanalyze)), 'never analysed'
    ) AS detail
FROM pg_catalog.pg_stat_user_tables AS s
WHERE
    s.schemaname IN ('public', 'analytics', 'ops') AND s.n_live_tup > 10000
    AND (greatest(s.last_analyze, s.last_autoanalyze) IS NULL OR s.n_mod_since_analyze > 0.5 * s.n_live_tup);
