-- owner: platform
-- description: What rently-db run-due repeats for the operations
INSERT INTO analytics.due_task (name, statement, every, repeats, time_limit) VALUES
('evaluate alerts', 'SELECT ops.evaluate_next_alert_rule()', '30 seconds', true, '30 seconds'),
(
    'validate',
    'SELECT ops.run_next_validation(t.last_run) FROM analytics.due_task AS t WHERE t.name = ''validate''',
    '1 day',
    true,
    '15 minutes'
),
('self-test', 'SELECT ops.run_scheduled_tests()', '1 day', false, '10 minutes'),
('record metrics', 'SELECT ops.record_metrics()', '15 minutes', false, '1 minute'),
('make audit partitions', 'SELECT ops.ensure_audit_partitions()', '1 day', false, '1 minute'),
(
    'clean up logs',
    'SELECT ops.cleanup_validation_logs(ops.config_number(''log_retention_days'', 90)::integer)',
    '1 day',
    false,
    '5 minutes'
)
ON CONFLICT DO NOTHING;
