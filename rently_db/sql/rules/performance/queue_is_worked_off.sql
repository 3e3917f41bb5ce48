-- owner: platform
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state_queue
-- description: No loan waits for its state for more than five minutes
-- protects: figures that are said to be a minute old
-- mend: start rently-db run-due, or look why it fails: SELECT * FROM analytics.due_task
CREATE VIEW ops.rule_queue_is_worked_off AS
SELECT
    'loan_state_queue' AS id,
    'oldest note of ' || min(q.enqueued_at) AS detail
FROM analytics.loan_state_queue AS q
HAVING min(q.enqueued_at) < now() - interval '5 minutes';
