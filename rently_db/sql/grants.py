"""Render the grants: what each role may do, in files that reviewers and DBAs read.

    python -m rently_db.sql.grants    # write grants/*.sql

The files are committed and frozen like the rest; a test fails when they differ from the tables below. What views need of functions is
given by ``ops.give_functions_to_users()``, to roles of others too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rently_db.models import metadata
from rently_db.sql.catalog import LIVE, Entity, argument_types, load_catalogue

SCHEMAS = "public, analytics, ops"
PUBLIC_TABLES = tuple(sorted(metadata.tables))
APPEND_ONLY = ("journal_entry", "ledger_entry")
"""Written once: a mistake is corrected by a new row."""
NEVER_DELETED = ("loan_status_history", "payment_allocation")
RULES = (
    "analytics_setting",
    "classification_rule",
    "currency",
    "dpd_bucket",
    "product_limit",
    "provision_rate",
    "schema_version",
    "status_transition",
    "status_value",
)
"""Changed by a release or by risk officers through the owner, not by the application."""
NOT_PERSONAL = (*RULES, "fx_rate", "legal_entity", "loan_flag", "product")
"""What functions in the views read, and says nothing of a person."""
COLLECTIONS_READ = ("collections_event", "loan", "loan_status_history", "party", "party_role", "payment_disputes", *NOT_PERSONAL)
COLLECTIONS_VIEWS = (
    "current_loan_status",
    "mv_collections_summary_detailed",
    "mv_current_loan_status_cache",
    "mv_current_loan_status_realtime",
    "v_arrears_ageing",
    "v_collections_performance",
    "v_collections_resolution_analysis",
    "v_collections_worklist",
    "v_cure_rate",
    "v_current_loan_status_summary",
    "v_dispute_analysis",
    "v_dpd_analysis",
    "v_early_warning",
    "v_instalment_status",
    "v_legal_action_tracker",
    "v_loan_balance",
    "v_payment_health_summary",
    "v_portfolio_at_risk",
    "v_promise_to_pay_performance",
    "v_recovery_analysis",
    "v_roll_rate_matrix",
    "v_unallocated_cash",
)
OPS_FUNCTION_AREAS = ("validation", "selftest", "monitoring", "migration")
"""Areas of schema ops whose functions operators call."""
OPS_BESIDES = ("ensure_audit_partitions", "optimize_analytics_performance")
"""Functions of other areas that operators call, or rently-db run-due for them."""
OPS_ALONE = ("raise_incident", "resolve_incident", "resolve_unwatched_incidents", "look_read_only", "exemption_names_a_rule")
"""Called by other functions only."""
MONITOR_FUNCTIONS = ("get_data_quality_metrics", "get_performance_metrics", "get_system_health_overview")
MONITOR_READS = {
    "ops.alembic_version": "",
    "ops.alert_history": "rule_name, severity, raised_at, resolved_at",
    "ops.alert_rules": "rule_name, severity, is_active",
    "ops.data_validation_log": "id, validation_name, validation_status, violation_count, validation_time",
    "ops.migration_run": "direction, state, finished_at",
    "ops.rule_catalogue": "",
    "ops.validation_run": "id, finished_at, passed_checks, failed_checks, warning_checks, info_checks",
    "analytics.loan_state_queue": "enqueued_at",
    "analytics.refresh_log": "view_name, started_at, ok",
    "analytics.refresh_order": "",
    "analytics.view_catalogue": "",
}
"""What exporters read, by the queries of rently_db.prometheus: relation -> columns; empty: all. What was found, which may name somebody, is
none of it."""
WORKERS = (
    "check_loan_state",
    "process_loan_queue",
    "prune_snapshots",
    "publish_due_snapshots",
    "queue_missing_loans",
    "refresh_all_materialized_views",
    "refresh_materialized_view",
    "refresh_next_view",
    "restate_snapshots",
)
"""What rently-db run-due calls in schema analytics; each runs with the owner's rights."""


def _public(names: Iterable[str]) -> str:
    return ", ".join(f"public.{name}" for name in names)


def _signature(entity: Entity) -> str:
    return f"{entity.qualified}({', '.join(argument_types(entity.arguments))})"


def _relations(entities: Iterable[Entity], schema: str) -> list[Entity]:
    return [e for e in entities if e.schema == schema and e.kind in ("table", "view", "matview", "rule")]


def _owner(entities: Sequence[Entity]) -> Iterator[str]:
    yield f"GRANT USAGE, CREATE ON SCHEMA {SCHEMAS} TO rently_owner"
    yield f"GRANT ALL ON {_public(PUBLIC_TABLES)} TO rently_owner"
    for schema in ("analytics", "ops"):
        yield f"GRANT ALL ON {', '.join(e.qualified for e in _relations(entities, schema))} TO rently_owner"
        functions = [e for e in entities if e.kind == "function" and e.schema == schema and "RETURNS trigger" not in e.sql]
        yield f"GRANT EXECUTE ON FUNCTION {', '.join(map(_signature, functions))} TO rently_owner"
        yield from [f"GRANT EXECUTE ON FUNCTION {_PREFLIGHT} TO rently_owner"] if schema == "ops" else []
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON TABLES TO rently_owner"


def _app(entities: Sequence[Entity]) -> Iterator[str]:
    free = [name for name in PUBLIC_TABLES if name not in (*RULES, *APPEND_ONLY, *NEVER_DELETED)]
    yield "GRANT USAGE ON SCHEMA public, analytics TO rently_app"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {_public(free)} TO rently_app"
    yield f"GRANT SELECT, INSERT, UPDATE ON {_public(NEVER_DELETED)} TO rently_app"
    yield f"GRANT SELECT, INSERT ON {_public(APPEND_ONLY)} TO rently_app"
    yield f"GRANT SELECT ON {_public(RULES)} TO rently_app"
    yield f"GRANT SELECT ON {', '.join(e.qualified for e in _relations(entities, 'analytics'))} TO rently_app"
    yield "ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO rently_app"


def _reader(role: str, entities: Sequence[Entity], *, audit: bool) -> Iterator[str]:
    ours = [e for e in _relations(entities, "ops") if audit or e.name != "audit_log"]
    yield f"GRANT USAGE ON SCHEMA {SCHEMAS} TO {role}"
    yield f"GRANT SELECT ON {_public(PUBLIC_TABLES)} TO {role}"
    yield f"GRANT SELECT ON {', '.join(e.qualified for e in _relations(entities, 'analytics'))} TO {role}"
    yield f"GRANT SELECT ON {', '.join(e.qualified for e in ours)} TO {role}"
    yield f"GRANT SELECT ON {_MIGRATION} TO {role}"
    yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO {role}"


_MIGRATION = "ops.account, ops.alembic_version, ops.baseline, ops.migration_run, ops.migration_step"
"""What the migration says of itself; the journal holds old values of persons, and is the owner's and the auditor's."""

_PREFLIGHT = "ops.run_pre_migration_validation(boolean)"
"""Comes with revision v0, and is no file of the live SQL."""


def _readonly(entities: Sequence[Entity]) -> Iterator[str]:
    yield from _reader("rently_readonly", entities, audit=False)
    # Alert rules are run as this role: what the standard ones call.
    called = [e for e in entities if e.kind == "function" and e.name in ("row_count", "slow_statements", "config_number")]
    yield f"GRANT EXECUTE ON FUNCTION {', '.join(map(_signature, called))} TO rently_readonly"


def _auditor(entities: Sequence[Entity]) -> Iterator[str]:
    yield from _reader("rently_auditor", entities, audit=True)
    yield "GRANT SELECT ON ops.row_journal, ops.value_mapping TO rently_auditor"


def _analyst(entities: Sequence[Entity]) -> Iterator[str]:
    relations = _relations(entities, "analytics")
    yield "GRANT USAGE ON SCHEMA public, analytics TO rently_analyst"
    yield f"GRANT SELECT ON {', '.join(e.qualified for e in relations if not e.header.personal)} TO rently_analyst"
    for entity in relations:
        if entity.header.personal:
            columns = ", ".join(name for name, _ in entity.header.columns if name not in entity.header.personal)
            yield f"GRANT SELECT ({columns}) ON {entity.qualified} TO rently_analyst"
    yield f"GRANT SELECT ON {_public(sorted(NOT_PERSONAL))} TO rently_analyst"


def _collections(entities: Sequence[Entity]) -> Iterator[str]:
    views = [e.qualified for e in _relations(entities, "analytics") if e.name in COLLECTIONS_VIEWS]
    yield "GRANT USAGE ON SCHEMA public, analytics TO rently_collections"
    yield f"GRANT SELECT ON {', '.join(views)} TO rently_collections"
    yield f"GRANT SELECT ON {_public(sorted(COLLECTIONS_READ))} TO rently_collections"
    yield "GRANT INSERT, UPDATE ON public.collections_event, public.payment_disputes TO rently_collections"
    yield "GRANT INSERT ON public.loan_status_history TO rently_collections"


def _ops(entities: Sequence[Entity]) -> Iterator[str]:
    ours = [e for e in _relations(entities, "ops") if e.name != "audit_log"]
    calls = [
        e
        for e in entities
        if e.kind == "function"
        and (
            (e.schema == "ops" and e.path.parent.name in OPS_FUNCTION_AREAS and e.name not in OPS_ALONE)
            or e.name in OPS_BESIDES
            or (e.schema == "analytics" and e.name in WORKERS)
        )
    ]
    yield f"GRANT USAGE ON SCHEMA {SCHEMAS} TO rently_ops"
    yield f"GRANT SELECT ON {', '.join(e.qualified for e in _relations(entities, 'analytics'))} TO rently_ops"
    yield f"GRANT SELECT ON {', '.join(e.qualified for e in ours)}, {_MIGRATION} TO rently_ops"
    yield f"GRANT SELECT ON {_public(sorted(NOT_PERSONAL))} TO rently_ops"
    yield f"GRANT EXECUTE ON FUNCTION {', '.join(map(_signature, calls))}, {_PREFLIGHT} TO rently_ops"
    yield "GRANT UPDATE (last_run, last_ok, last_result, last_error) ON analytics.due_task TO rently_ops"
    yield "GRANT INSERT, UPDATE, DELETE ON ops.alert_rules, ops.monitoring_config, ops.validation_exemption TO rently_ops"


def _monitor(entities: Sequence[Entity]) -> Iterator[str]:
    calls = [e for e in entities if e.kind == "function" and e.name in MONITOR_FUNCTIONS]
    yield "GRANT USAGE ON SCHEMA analytics, ops TO rently_monitor"
    yield f"GRANT EXECUTE ON FUNCTION {', '.join(map(_signature, calls))} TO rently_monitor"
    for relation, columns in MONITOR_READS.items():
        yield f"GRANT SELECT{f' ({columns})' if columns else ''} ON {relation} TO rently_monitor"


def _nobody(entities: Sequence[Entity]) -> Iterator[str]:
    del entities
    for schema in ("analytics", "ops"):
        yield f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC"
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC"
        yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC"


ROLES = {
    "rently_owner": ("Administers: all rights on everything of ours, and on what comes later", _owner),
    "rently_app": ("The application: reads and writes the lending tables, but rewrites no past", _app),
    "rently_readonly": ("Reads everything but what was audited; alert rules are run as this role", _readonly),
    "rently_analyst": ("Reads the analytics without the columns that say who somebody is", _analyst),
    "rently_collections": ("Reads what collections need, with names and telephone numbers, and records what was done", _collections),
    "rently_auditor": ("Reads everything, the audit and the journal of the migration too", _auditor),
    "rently_ops": ("Runs the worker, validations, alerts and refreshes, and reads what they found", _ops),
    "rently_monitor": ("Exporters of metrics: figures of the monitoring, and no row of the business", _monitor),
    "public": ("Everybody: nothing", _nobody),
}


def grant_files(root: Path = LIVE) -> Iterator[tuple[Path, str]]:
    """Path below ``root`` (the ``rently_db/sql`` folder) and text of each file."""
    entities = sorted((e for e in load_catalogue(root) if e.header.servers is None), key=lambda e: e.qualified)
    for role, (description, statements) in ROLES.items():
        lines = [f"-- owner: platform\n-- description: {description}\n-- generated: python -m rently_db.sql.grants"]
        lines += [f"{_wrapped(statement)};" for statement in statements(entities)]
        yield root / "grants" / f"{role}.sql", "\n".join(lines) + "\n"


def _wrapped(statement: str, width: int = 130) -> str:
    """The statement in lines, broken after commas."""
    lines, line = [], ""
    for word in statement.split(" "):
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def main() -> None:
    """Write the files."""
    for path, text in list(grant_files()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
