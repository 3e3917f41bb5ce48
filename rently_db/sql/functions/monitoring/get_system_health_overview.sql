-- owner: platform
-- description: How the system is: connections, locks, the queue and its worker, materialized views, validations, incidents, replication, disk, age of
--     transactions; each with a status
CREATE FUNCTION ops.get_system_health_overview()
RETURNS TABLE (metric_category text, metric_name text, current_value text, status text, last_updated timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
WITH session AS (
    SELECT
        count(*) FILTER (WHERE a.backend_type = 'client backend') AS connections,
        max(extract(EPOCH FROM clock_timestamp() - a.xact_start)) FILTER (
            WHERE a.datname = current_database() AND a.state LIKE 'idle in transaction%'
        ) AS idle_s,
        max(extract(EPOCH FROM clock_timestamp() - a.query_start)) FILTER (
            WHERE a.datname = current_database() AND a.state = 'active' AND a.wait_event_type = 'Lock'
        ) AS waiting_s,
        max(extract(EPOCH FROM clock_timestamp() - a.query_start)) FILTER (
            WHERE a.datname = current_database() AND a.state = 'active' AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
        ) AS longest_s
    FROM pg_stat_activity AS a
),

queue AS (
    SELECT count(*) AS notes, extract(EPOCH FROM clock_timestamp() - min(q.enqueued_at)) AS oldest_s
    FROM analytics.loan_state_queue AS q
),

task AS (
    SELECT
        count(*) FILTER (WHERE t.last_error IS NOT NULL) AS failing,
        max(t.last_run) AS last_run,
        string_agg(t.name, ', ' ORDER BY t.name) FILTER (WHERE t.last_error IS NOT NULL) AS names
    FROM analytics.due_task AS t
    WHERE t.is_active
),

validation AS (
    SELECT count(*) FILTER (WHERE l.validation_status = 'FAIL') AS failing, min(l.validation_time) AS oldest, max(l.validation_time) AS latest
    FROM ops.latest_validation() AS l
),

incident AS (
    SELECT
        count(*) FILTER (WHERE h.severity IN ('critical', 'high')) AS urgent, count(*) AS open, max(h.raised_at) AS latest
    FROM ops.alert_history AS h
    WHERE h.resolved_at IS NULL
),

stale AS (
    SELECT count(*) AS views FROM ops.rule_stale_analytics AS r WHERE r.id <> 'loan_state_queue'
),

check_run AS (
    SELECT count(*) AS differences, max(c.found_at) AS latest FROM analytics.loan_state_check AS c WHERE c.found_at > clock_timestamp() - interval '2 days'
),

replica AS (
    SELECT count(*) AS replicas, max(extract(EPOCH FROM r.replay_lag)) AS lag_s FROM pg_stat_replication AS r
),

slot AS (
    SELECT count(*) FILTER (WHERE NOT s.active) AS idle FROM pg_replication_slots AS s
),

age AS (
    SELECT max(age(d.datfrozenxid)) AS transactions, round(pg_database_size(current_database()) / 1048576.0) AS size_mb
    FROM pg_database AS d
    WHERE d.datname = current_database()
)

SELECT m.metric_category, m.metric_name, m.current_value, m.status, coalesce(m.last_updated, clock_timestamp())
FROM session AS s
CROSS JOIN queue AS q
CROSS JOIN task AS t
CROSS JOIN validation AS v
CROSS JOIN incident AS i
CROSS JOIN stale AS w
CROSS JOIN check_run AS k
CROSS JOIN replica AS r
CROSS JOIN slot AS o
CROSS JOIN age AS a
CROSS JOIN LATERAL (
    VALUES
    (
        1, 'connections', 'in use', s.connections || ' of ' || current_setting('max_connections'),
        CASE
            WHEN s.connections > 0.95 * current_setting('max_connections')::integer THEN 'CRITICAL'
            WHEN s.connections > 0.8 * current_setting('max_connections')::integer THEN 'WARNING' ELSE 'HEALTHY'
        END, NULL::timestamptz
    ),
    (
        2, 'connections', 'longest statement, seconds', round(coalesce(s.longest_s, 0)::numeric)::text,
        CASE WHEN s.longest_s > ops.config_number('long_statement_seconds', 600) THEN 'WARNING' ELSE 'HEALTHY' END, NULL
    ),
    (
        3, 'connections', 'longest idle in transaction, seconds', round(coalesce(s.idle_s, 0)::numeric)::text,
        CASE
            WHEN s.idle_s > 10 * ops.config_number('idle_in_transaction_seconds', 60) THEN 'CRITICAL'
            WHEN s.idle_s > ops.config_number('idle_in_transaction_seconds', 60) THEN 'WARNING' ELSE 'HEALTHY'
        END, NULL
    ),
    (
        4, 'locks', 'longest wait for a lock, seconds', round(coalesce(s.waiting_s, 0)::numeric)::text,
        CASE
            WHEN s.waiting_s > 10 * ops.config_number('lock_wait_seconds', 5) THEN 'CRITICAL'
            WHEN s.waiting_s > ops.config_number('lock_wait_seconds', 5) THEN 'WARNING' ELSE 'HEALTHY'
        END, NULL
    ),
    (5, 'analytics', 'notes in the queue', q.notes::text, 'HEALTHY', NULL),
    (
        6, 'analytics', 'oldest note, seconds', round(coalesce(q.oldest_s, 0)::numeric)::text,
        CASE WHEN q.oldest_s > 300 THEN 'CRITICAL' WHEN q.oldest_s > 60 THEN 'WARNING' ELSE 'HEALTHY' END, NULL
    ),
    (7, 'analytics', 'stale materialized views', w.views::text, CASE WHEN w.views > 0 THEN 'WARNING' ELSE 'HEALTHY' END, NULL),
    (
        8, 'analytics', 'differences found by the nightly check, 2 days', k.differences::text,
        CASE WHEN k.differences > 0 THEN 'CRITICAL' ELSE 'HEALTHY' END, k.latest
    ),
    (
        9, 'schedules', 'tasks that failed or warned', coalesce(t.failing || ': ' || t.names, '0'),
        CASE WHEN t.failing > 0 THEN 'WARNING' ELSE 'HEALTHY' END, t.last_run
    ),
    (
        10, 'schedules', 'minutes since a task ran', coalesce(round(extract(EPOCH FROM clock_timestamp() - t.last_run)::numeric / 60, 1)::text, 'never'),
        CASE
            WHEN t.last_run > clock_timestamp() - interval '3 minutes' THEN 'HEALTHY'
            WHEN t.last_run > clock_timestamp() - interval '15 minutes' THEN 'WARNING' ELSE 'CRITICAL'
        END, t.last_run
    ),
    (11, 'validation', 'rules that fail', v.failing::text, CASE WHEN v.failing > 0 THEN 'CRITICAL' ELSE 'HEALTHY' END, v.latest),
    (
        12, 'validation', 'hours since the oldest check',
        coalesce(round(extract(EPOCH FROM clock_timestamp() - v.oldest)::numeric / 3600, 1)::text, 'never'),
        CASE WHEN v.oldest > clock_timestamp() - interval '26 hours' THEN 'HEALTHY' ELSE 'WARNING' END, v.latest
    ),
    (
        13, 'alerts', 'open incidents', i.open::text,
        CASE WHEN i.urgent > 0 THEN 'CRITICAL' WHEN i.open > 0 THEN 'WARNING' ELSE 'HEALTHY' END, i.latest
    ),
    (
        14, 'replication', 'replicas', r.replicas::text,
        CASE
            WHEN r.lag_s > 10 * ops.config_number('replication_lag_seconds', 30) THEN 'CRITICAL'
            WHEN r.lag_s > ops.config_number('replication_lag_seconds', 30) THEN 'WARNING' ELSE 'HEALTHY'
        END, NULL
    ),
    (15, 'replication', 'slots nobody reads', o.idle::text, CASE WHEN o.idle > 0 THEN 'WARNING' ELSE 'HEALTHY' END, NULL),
    (
        16, 'storage', 'transactions since the last freeze, million', round(a.transactions / 1e6, 1)::text,
        CASE WHEN a.transactions > 1000000000 THEN 'CRITICAL' WHEN a.transactions > 400000000 THEN 'WARNING' ELSE 'HEALTHY' END, NULL
    ),
    (17, 'storage', 'size of the database, MB', a.size_mb::text, 'HEALTHY', NULL)
) AS m (sort, metric_category, metric_name, current_value, status, last_updated)
ORDER BY m.sort
$function$;
