-- owner: platform
-- description: Exporters of metrics: figures of the monitoring, and no row of the business
-- generated: python -m rently_db.sql.grants
GRANT USAGE ON SCHEMA analytics, ops TO rently_monitor;
GRANT EXECUTE ON FUNCTION ops.get_data_quality_metrics(), ops.get_performance_metrics(), ops.get_system_health_overview() TO
rently_monitor;
GRANT SELECT ON ops.alembic_version TO rently_monitor;
GRANT SELECT (rule_name, severity, raised_at, resolved_at) ON ops.alert_history TO rently_monitor;
GRANT SELECT (rule_name, severity, is_active) ON ops.alert_rules TO rently_monitor;
GRANT SELECT (id, validation_name, validation_status, violation_count, validation_time) ON ops.data_validation_log TO
rently_monitor;
GRANT SELECT (direction, state, finished_at) ON ops.migration_run TO rently_monitor;
GRANT SELECT ON ops.rule_catalogue TO rently_monitor;
GRANT SELECT (id, finished_at, passed_checks, failed_checks, warning_checks, info_checks) ON ops.validation_run TO rently_monitor;
GRANT SELECT (enqueued_at) ON analytics.loan_state_queue TO rently_monitor;
GRANT SELECT (view_name, started_at, ok) ON analytics.refresh_log TO rently_monitor;
GRANT SELECT ON analytics.refresh_order TO rently_monitor;
GRANT SELECT ON analytics.view_catalogue TO rently_monitor;
