-- owner: platform
-- severity: fail
-- tags: alert
-- table: analytics.loan_state
-- alert: high
-- every: 1 minute
-- description: Loans that wait for their state for more than 5 minutes, or materialized view that was last refreshed longer ago than 5 minutes, if it is
--     refreshed each minute, than 30, if each quarter of an hour, or than 2 days, if daily
-- protects: decisions made on figures that are no longer so
-- mend: rently-db run-due must run; SELECT name, last_run, last_ok, last_error FROM analytics.due_task says what it stumbled over
-- ends: no loan waits for more than five minutes, and each view was refreshed as its tier demands
-- urgency: within the hour: dashboards show the past as if it were now; nothing is lost, the queue keeps
-- first: SELECT id, detail FROM ops.rule_stale_analytics
-- second: SELECT name, every, last_run, last_ok, last_error FROM analytics.due_task WHERE is_active ORDER BY last_run NULLS FIRST
-- third: rently-db run-due --once
-- call: platform: whoever runs the service rently-db run-due, or pg_cron; the DBA, if a task is stopped by a lock or its time limit
CREATE VIEW ops.rule_stale_analytics AS
SELECT
    'loan_state_queue' AS id,
    format('%s notes, the oldest of %s', count(*), min(q.enqueued_at)) AS detail
FROM analytics.loan_state_queue AS q
HAVING min(q.enqueued_at) < now() - interval '5 minutes'
UNION ALL
SELECT
    o.view_name AS id,
    coalesce('last refreshed at ' || r.at, 'never refreshed since the deployment') AS detail
FROM analytics.refresh_order AS o
LEFT JOIN LATERAL (
    SELECT max(g.started_at) AS at
    FROM analytics.refresh_log AS g
    WHERE g.view_name = o.view_name AND g.ok
) AS r ON TRUE
CROSS JOIN
    LATERAL (
        SELECT
            CASE o.refresh_frequency
                WHEN 'minute' THEN interval '5 minutes' WHEN 'quarter_hour' THEN interval '30 minutes' ELSE interval '2 days'
            END AS allowed
    ) AS a
WHERE
    coalesce(
        r.at,
        (
            SELECT max(m.finished_at) FROM ops.migration_run AS m
            WHERE m.direction = 'up' AND m.state = 'done'
        ),
        '-infinity'
    ) < now() - a.allowed;
