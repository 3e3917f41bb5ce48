"""What is exported: a query, the columns that are labels, and the columns that are metrics.

A metric is called ``<name of the query>_<column>``, in both exporters. No value is NULL: one exporter leaves it out, the other makes a
number of it; what is not known is NaN in both. The queries run as a member of role rently_monitor (``rently_db.sql.grants``) on a database
at v1_ops or later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["gauge", "counter"]


@dataclass(frozen=True, slots=True)
class Value:
    """A column that is a metric: what it counts, with its unit."""

    help: str
    kind: Kind = "gauge"


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the exporters. ``slow``: asked every five minutes instead of at each scrape."""

    name: str
    sql: str
    values: dict[str, Value]
    labels: dict[str, str] = field(default_factory=dict)
    slow: bool = False


QUERIES = (
    Query(
        "rently_incidents",
        """
SELECT
    coalesce(h.rule_name, r.rule_name) AS rule,
    coalesce(h.severity, r.severity) AS severity,
    count(h.raised_at)::float8 AS open,
    coalesce(extract(EPOCH FROM clock_timestamp() - min(h.raised_at)), 0)::float8 AS oldest_seconds
FROM (SELECT a.rule_name, a.severity FROM ops.alert_rules AS a WHERE a.is_active) AS r
FULL JOIN (SELECT i.rule_name, i.severity, i.raised_at FROM ops.alert_history AS i WHERE i.resolved_at IS NULL) AS h
    ON h.rule_name = r.rule_name AND h.severity = r.severity
GROUP BY 1, 2
""",
        {
            "open": Value("Open incidents; 0 for an active rule that has none"),
            "oldest_seconds": Value("Age of the oldest open incident; 0: none is open"),
        },
        {"rule": "Alert rule", "severity": "critical, high, medium or low"},
    ),
    Query(
        "rently_validation",
        """
WITH latest AS (
    SELECT coalesce(l.validation_status, 'NEVER') AS status
    FROM ops.rule_catalogue AS k
    LEFT JOIN LATERAL (
        SELECT g.validation_status FROM ops.data_validation_log AS g
        WHERE g.validation_name = k.rule ORDER BY g.validation_time DESC, g.id DESC LIMIT 1
    ) AS l ON TRUE
    WHERE 'validation' = ANY(k.tags)
)

SELECT s.status, (SELECT count(*) FROM latest AS l WHERE l.status = s.status)::float8 AS rules
FROM unnest(ARRAY['PASS', 'FAIL', 'WARNING', 'INFO', 'NEVER']) AS s (status)
""",
        {"rules": Value("Rules of the validations by their last result, whichever run it is from; NEVER: not checked yet")},
        {"status": "PASS, FAIL, WARNING, INFO or NEVER"},
    ),
    Query(
        "rently_validation_rule",
        """
SELECT l.rule, l.violations
FROM ops.rule_catalogue AS k
CROSS JOIN LATERAL (
    SELECT g.validation_name AS rule, g.violation_count::float8 AS violations
    FROM ops.data_validation_log AS g
    WHERE g.validation_name = k.rule ORDER BY g.validation_time DESC, g.id DESC LIMIT 1
) AS l
WHERE 'validation' = ANY(k.tags)
""",
        {"violations": Value("Rows that offended the rule when it was last checked, exempt ones left out")},
        {"rule": "Rule of the validations"},
    ),
    Query(
        "rently_validation_run",
        """
SELECT s.status, coalesce(s.checks, 0)::float8 AS checks
FROM (SELECT 1) AS always
LEFT JOIN (
    SELECT v.passed_checks, v.failed_checks, v.warning_checks, v.info_checks
    FROM ops.validation_run AS v WHERE v.finished_at IS NOT NULL ORDER BY v.id DESC LIMIT 1
) AS r ON TRUE
CROSS JOIN LATERAL (
    VALUES ('PASS', r.passed_checks), ('FAIL', r.failed_checks), ('WARNING', r.warning_checks), ('INFO', r.info_checks)
) AS s (status, checks)
""",
        {"checks": Value("Checks of the latest finished run of validations by result; a run of one rule or tag has few")},
        {"status": "PASS, FAIL, WARNING or INFO"},
    ),
    Query(
        "rently_validation_last_run",
        """
SELECT coalesce(extract(EPOCH FROM clock_timestamp() - max(v.finished_at))::float8, 'NaN') AS age_seconds
FROM ops.validation_run AS v
""",
        {"age_seconds": Value("Time since a run of validations finished; NaN: none ever did")},
    ),
    Query(
        "rently_health",
        """
SELECT
    h.metric_category AS category,
    h.metric_name AS metric,
    (CASE h.status WHEN 'HEALTHY' THEN 0 WHEN 'WARNING' THEN 1 ELSE 2 END)::float8 AS status,
    coalesce(substring(h.current_value FROM '^-?[0-9]+\\.?[0-9]*')::float8, 'NaN') AS value
FROM ops.get_system_health_overview() AS h
""",
        {
            "status": Value("0 healthy, 1 warning, 2 critical"),
            "value": Value("The figure itself, in the unit that the metric names; NaN: it has none that is a number"),
        },
        {"category": "Category of the health overview", "metric": "Metric of the health overview"},
    ),
    Query(
        "rently_queue",
        """
SELECT
    count(*)::float8 AS notes,
    coalesce(extract(EPOCH FROM clock_timestamp() - min(q.enqueued_at)), 0)::float8 AS oldest_seconds
FROM analytics.loan_state_queue AS q
""",
        {
            "notes": Value("Notes of changed loans that wait for the worker"),
            "oldest_seconds": Value("Age of the oldest note, and so of the figures; 0: none waits"),
        },
    ),
    Query(
        "rently_refresh",
        """
SELECT
    c.performance_tier AS tier,
    count(*)::float8 AS views,
    coalesce(max(extract(EPOCH FROM clock_timestamp() - coalesce(r.at, m.at)))::float8, 'NaN') AS oldest_seconds
FROM analytics.refresh_order AS o
INNER JOIN analytics.view_catalogue AS c ON c.view_name = o.view_name
LEFT JOIN LATERAL (
    SELECT max(g.started_at) AS at FROM analytics.refresh_log AS g WHERE g.view_name = o.view_name AND g.ok
) AS r ON TRUE
CROSS JOIN (
    SELECT max(t.finished_at) AS at FROM ops.migration_run AS t WHERE t.direction = 'up' AND t.state = 'done'
) AS m
GROUP BY c.performance_tier
""",
        {
            "views": Value("Materialized views of the tier"),
            "oldest_seconds": Value("Time since the last good refresh of the view that waits longest; if never: since the migration"),
        },
        {"tier": "T0 to T3"},
    ),
    Query(
        "rently_performance",
        """
SELECT
    p.metric_name AS metric,
    p.unit,
    coalesce(p.current_value::float8, 'NaN') AS value,
    (CASE p.status WHEN 'WARNING' THEN 1 ELSE 0 END)::float8 AS warning
FROM ops.get_performance_metrics() AS p
""",
        {
            "value": Value("The figure, in its unit; NaN: not known"),
            "warning": Value("1: it is on the wrong side of its benchmark"),
        },
        {"metric": "Metric of get_performance_metrics()", "unit": "Its unit"},
    ),
    Query(
        "rently_migration",
        "SELECT v.version_num AS revision, 1::float8 AS info FROM ops.alembic_version AS v",
        {"info": Value("Always 1; the label says what the database is at")},
        {"revision": "Revision of the schema"},
    ),
    Query(
        "rently_audit",
        """
SELECT
    s.relname::text AS partition,
    s.n_live_tup::float8 AS rows,
    coalesce(pg_catalog.pg_total_relation_size(s.relid), 0)::float8 AS size_bytes,
    s.n_tup_ins::float8 AS written_total
FROM pg_catalog.pg_inherits AS i
INNER JOIN pg_catalog.pg_class AS c ON c.oid = i.inhparent
INNER JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = i.inhrelid
WHERE c.relname = 'audit_log' AND c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'ops')
""",
        {
            "rows": Value("Entries of the audit, as PostgreSQL's statistics have them"),
            "size_bytes": Value("Size of the partition with its indexes"),
            "written_total": Value("Entries written since the statistics were reset", "counter"),
        },
        {"partition": "Partition of the audit, one a month"},
    ),
    Query(
        "rently_data_quality",
        """
SELECT
    q.table_name,
    coalesce(q.total_records, 0)::float8 AS rows,
    coalesce((q.completeness_score / 100)::float8, 'NaN') AS completeness_ratio,
    q.quality_issues::float8 AS issues,
    coalesce(extract(EPOCH FROM clock_timestamp() - q.last_validated)::float8, 'NaN') AS validated_seconds
FROM ops.get_data_quality_metrics() AS q
""",
        {
            "rows": Value("Rows, of a large table as PostgreSQL counted them last"),
            "completeness_ratio": Value("Share of values that are there, by the planner's statistics, 0 to 1; NaN: never analysed"),
            "issues": Value("Rows that offended a rule when it was last checked"),
            "validated_seconds": Value("Time since the last check of a rule of the table; NaN: never checked"),
        },
        {"table_name": "Table of the lending schema"},
        slow=True,
    ),
)
