-- owner: platform
-- description: What rently-db run-due repeats, and how often
INSERT INTO analytics.due_task (name, statement, every, repeats) VALUES
('queue missing loans', 'SELECT analytics.queue_missing_loans()', '10 minutes', false),
('publish snapshots', 'SELECT analytics.publish_due_snapshots()', '1 minute', true),
(
    'restate snapshots',
    'SELECT analytics.restate_snapshots(before => (SELECT t.last_run FROM analytics.due_task AS t WHERE t.name = ''restate snapshots''))',
    '1 day',
    true
),
('prune snapshots', 'SELECT analytics.prune_snapshots()', '1 day', false),
('check loan state', 'SELECT analytics.check_loan_state()', '1 day', false),
(
    'refresh minute',
    'SELECT analytics.refresh_next_view(''minute'', t.last_run) FROM analytics.due_task AS t WHERE t.name = ''refresh minute''',
    '30 seconds',
    true
),
(
    'refresh quarter_hour',
    'SELECT analytics.refresh_next_view(''quarter_hour'', t.last_run) FROM analytics.due_task AS t WHERE t.name = ''refresh quarter_hour''',
    '15 minutes',
    true
),
(
    'refresh daily',
    'SELECT analytics.refresh_next_view(''daily'', t.last_run) FROM analytics.due_task AS t WHERE t.name = ''refresh daily''',
    '1 day',
    true
)
ON CONFLICT DO NOTHING;
