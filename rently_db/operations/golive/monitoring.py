"""Criteria of the monitoring: alert rules are asked, tasks run, no critical incident is open, figures are as fresh as promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from rently_db.operations.due.loop import LOCK_KEY
from rently_db.operations.golive.criterion import Finding, Verdict, judged, listed

_MINUTES = 15
"""How late an alert rule or a task may be: a round of rently-db run-due with a long task takes minutes."""

_RULES = text(
    """
    SELECT k.rule, r.rule_name IS NOT NULL AS is_there, coalesce(r.is_active, false) AS is_active, s.evaluated_at, s.error,
        coalesce(s.evaluated_at < clock_timestamp() - r.every - make_interval(mins => :minutes), true) AS is_late
    FROM (
        SELECT c.rule FROM ops.rule_catalogue AS c WHERE 'alert' = ANY (c.tags)
        UNION SELECT a.rule_name FROM ops.alert_rules AS a WHERE NOT a.is_standard
    ) AS k
    LEFT JOIN ops.alert_rules AS r ON r.rule_name = k.rule
    LEFT JOIN ops.alert_state AS s ON s.rule_name = k.rule
    ORDER BY 1
    """
)
_READER = text("SELECT pg_get_userbyid(p.proowner) FROM pg_proc AS p WHERE p.oid = 'ops.look_read_only(text)'::regprocedure")
_TASKS = text(
    """
    SELECT t.name, t.is_active, t.last_run, t.last_error,
        t.last_error IS NOT NULL AND (t.last_ok IS NULL OR t.last_ok < t.last_run) AS failed,
        coalesce(t.last_run, m.finished_at, '-infinity') < clock_timestamp() - t.every - make_interval(mins => :minutes) AS is_late
    FROM analytics.due_task AS t
    CROSS JOIN (SELECT max(r.finished_at) AS finished_at FROM ops.migration_run AS r WHERE r.direction = 'up' AND r.state = 'done') AS m
    ORDER BY t.name
    """
)
_HOLDER = text(
    """
    SELECT a.application_name || ', process ' || a.pid
    FROM pg_locks AS l INNER JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND (l.classid::bigint << 32) + l.objid::bigint = :key
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
    """
)
_JOBS = text("SELECT count(*) FROM cron.job AS j WHERE j.jobname LIKE 'rently: %' AND j.database = current_database() AND j.active")
_INCIDENTS = text("SELECT incident, rule_name, severity, message, minutes_open, acknowledged_by FROM ops.get_active_alerts_summary()")
_NEVER_ASKED = text("SELECT count(s.evaluated_at) = 0 FROM ops.alert_state AS s")
_STALE = text("SELECT r.id, r.detail FROM ops.rule_stale_analytics AS r ORDER BY r.id")
_REFRESHED = text(
    """
    SELECT o.refresh_frequency, count(*) AS views, count(r.at) AS refreshed,
        round(extract(epoch FROM clock_timestamp() - min(r.at)) / 60, 1) AS oldest_minutes
    FROM analytics.refresh_order AS o
    LEFT JOIN LATERAL (SELECT max(g.started_at) AS at FROM analytics.refresh_log AS g WHERE g.view_name = o.view_name AND g.ok) AS r ON true
    GROUP BY o.refresh_frequency ORDER BY min(o.refresh_frequency)
    """
)
_EVERY = {"minute": "every minute", "quarter_hour": "every quarter of an hour", "daily": "daily"}
_QUEUE = text("SELECT count(*) FROM analytics.loan_state_queue AS q")


def alerts(connection: Connection) -> Finding:
    """Every standard alert rule and every rule of one's own is active, was asked lately, and could be."""
    rules = connection.execute(_RULES, {"minutes": _MINUTES}).all()
    missing = [row.rule for row in rules if not row.is_there]
    off = [row.rule for row in rules if row.is_there and not row.is_active]
    failing = [row for row in rules if row.is_active and row.error]
    late = [row.rule for row in rules if row.is_active and row.is_late and not row.error]
    reader = connection.scalar(_READER)
    problems, commands = [], []
    if missing:
        problems.append(f"alert rules are missing: {listed(missing)}")
        commands.append('rently-db psql -c "SELECT * FROM ops.initialize_monitoring_system()"')
    if off:
        problems.append(f"alert rules are switched off: {listed(off)}")
        names = ", ".join(f"'{name}'" for name in off)
        commands.append(f'rently-db psql -c "UPDATE ops.alert_rules SET is_active = true WHERE rule_name IN ({names})"')
    problems += [f"alert rule {row.rule} could not be evaluated: {row.error}" for row in failing]
    if late:
        problems.append(f"alert rules were not asked in time: {listed(late)}")
        commands.append("rently-db run-due")
    if reader != "rently_readonly":
        problems.append(f"alert rules are not evaluated: ops.look_read_only belongs to {reader}, not to rently_readonly")
        commands.append("rently-db access script")
    asked = [row.evaluated_at for row in rules if row.evaluated_at is not None]
    active = sum(row.is_active for row in rules)
    last = f"; the last was asked at {max(asked):%Y-%m-%d %H:%M:%S} UTC" if asked else "; none was asked yet"
    return judged(problems, [f"{active} of {len(rules)} alert rules are active{last}"], *(commands or ["rently-db run-due"]))


def schedules(connection: Connection) -> Finding:
    """Every task runs when it is due, through pg_cron or rently-db run-due, and comes to its end."""
    tasks = connection.execute(_TASKS, {"minutes": _MINUTES}).all()
    off = [task.name for task in tasks if not task.is_active]
    late = [task.name for task in tasks if task.is_active and task.is_late]
    failed = [task for task in tasks if task.is_active and task.failed]
    runs = [task.last_run for task in tasks if task.last_run is not None]
    problems, commands = [], []
    if not runs:
        problems.append("no task has ever run")
    elif late:
        problems.append(f"tasks are overdue: {listed(late)}")
    if problems:
        commands += ["rently-db run-due", 'rently-db psql -c "SELECT * FROM ops.setup_automated_testing_schedules()"']
    problems += [f"task {task.name} failed: {task.last_error}" for task in failed]
    if off:
        problems.append(f"tasks are switched off: {listed(off)}")
        names = ", ".join(f"'{name}'" for name in off)
        commands.append(f'rently-db psql -c "UPDATE analytics.due_task SET is_active = true WHERE name IN ({names})"')
    evidence = [f"{sum(task.is_active for task in tasks)} of {len(tasks)} tasks are active; {_by_whom(connection)}"]
    if runs:
        evidence.append(f"{len(runs)} of them have run, the last began at {max(runs):%Y-%m-%d %H:%M:%S} UTC")
    return judged(problems, evidence, *(commands or ["rently-db run-due --once"]))


def _by_whom(connection: Connection) -> str:
    if connection.scalar(text("SELECT ops.pg_cron_database() = current_database() AND to_regclass('cron.job') IS NOT NULL")):
        may = connection.scalar(text("SELECT has_table_privilege('cron.job', 'SELECT') AND has_schema_privilege('cron', 'USAGE')"))
        if may and (jobs := int(connection.scalar(_JOBS) or 0)):
            return f"{jobs} jobs of pg_cron run them"
    holder = connection.scalar(_HOLDER, {"key": LOCK_KEY})
    return f"rently-db run-due is at work ({holder})" if holder else "no rently-db run-due is at work at this moment"


def incidents(connection: Connection) -> Finding:
    """No critical incident is open."""
    if connection.scalar(_NEVER_ASKED):
        return Finding(
            Verdict.NOT_SHOWN, ("no alert rule was asked yet, so none can have opened an incident",), ("rently-db run-due --once",)
        )
    found = connection.execute(_INCIDENTS).all()
    said = [
        f"{row.severity} incident {row.incident}, {row.rule_name}: {row.message}, open for {row.minutes_open} minutes, "
        f"{f'taken up by {row.acknowledged_by}' if row.acknowledged_by else 'taken up by nobody'}"
        for row in found
    ]
    critical = [sentence for row, sentence in zip(found, said, strict=True) if row.severity == "critical"]
    others = [sentence for sentence in said if sentence not in critical]
    accepted = [f"to be accepted by whoever signs: {sentence}" for sentence in others]
    evidence = [f"{len(critical)} critical, {len(others)} other incidents are open", *accepted]
    return judged(critical, evidence, 'rently-db psql -c "SELECT * FROM ops.get_active_alerts_summary()"')


def freshness(connection: Connection) -> Finding:
    """No figure is older than its tier allows: materialized views and the state of loans."""
    problems = [f"{row.id}: {row.detail}" for row in connection.execute(_STALE)]
    evidence = [f"{int(connection.scalar(_QUEUE) or 0):,} notes of changed loans wait"]
    evidence += [_refreshed(row) for row in connection.execute(_REFRESHED)]
    return judged(
        _first(problems), evidence, "rently-db run-due --once", 'rently-db psql -c "SELECT analytics.refresh_all_materialized_views()"'
    )


def _refreshed(row: Any) -> str:
    rest = row.views - row.refreshed
    since = f", {rest} filled by the migration and not refreshed since" if rest else ""
    oldest = f", the oldest {row.oldest_minutes} minutes ago" if row.refreshed else ""
    return f"{row.views} materialized views refreshed {_EVERY[row.refresh_frequency]}{oldest}{since}"


def _first(problems: Sequence[str]) -> list[str]:
    shown = 5
    return list(problems) if len(problems) <= shown else [*problems[:shown], f"and {len(problems) - shown} more"]
