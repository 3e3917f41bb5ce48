"""Write docs/reference, from the code: ``python -m docs.reference``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from docs import reference_commands, reference_functions, reference_settings, reference_tables
from docs.pieces import table
from docs.reference_functions import anchor, functions
from docs.reference_tables import MARK

PAGES = Path(__file__).resolve().parent / "reference"

GUIDE = (
    ("1.1", "", "doctor", "what the server, the database and the role lack, each with the mend"),
    ("1.2", "pg_dump, pg_restore --list", "backup", "backs up; `backup verify` restores it and compares every table"),
    ("1.3", "run_all_tests", "", "the self-tests, inside the database; they leave no trace"),
    ("1.3", "run_complete_migration_test", "rehearse", "the whole way on a clone, there and back, and a verdict"),
    (
        "2.1",
        "run_pre_migration_validation",
        "preflight",
        "what would stop the migration, what it repairs; the command on a plain v0 database, too",
    ),
    ("2.1", "", "compat", "the applications' statements at each revision"),
    ("2.2", "execute_migration_with_monitoring", "migrate", "carries the database to v1 while applications work on it"),
    ("2.3", "run_post_migration_validation", "", "rows, money and content against what they were before"),
    ("2.3", "run_all_validations", "validate", "every rule of the catalogue"),
    ("3.1", "refresh_all_materialized_views", "run-due", "refreshes in order of dependency; the command does it as it falls due"),
    ("3.2", "optimize_analytics_performance", "", "statistics, and advice about indexes, bloat and staleness"),
    ("4.1", "initialize_monitoring_system", "", "alert rules, thresholds, one measurement"),
    ("4.1", "setup_automated_testing_schedules", "", "jobs of pg_cron, or the lines for cron"),
    ("rollback, < 4 h", "emergency_rollback_to_v0", "rollback", "the function says the steps; the command takes them"),
    ("rollback, < 4 h", "emergency_rollback_script", "", "the way back as a script for psql"),
    ("rollback, > 4 h", "pg_restore", "restore", "restores beside the live database, and lists what a switch would lose"),
)
"""Step of the deployment guide, its call, the command that does it, what happens. Calls that are no functions are done by the command."""
CALLS = (
    "check_critical_data_issues",
    "generate_validation_report",
    "get_validation_health_status",
    "get_system_health_overview",
    "get_data_quality_metrics",
    "get_performance_metrics",
    "get_trending_metrics",
    "get_active_alerts_summary",
    "evaluate_alert_rules",
    "cleanup_validation_logs",
)
"""What the guide's users call besides, day by day."""


def pages() -> dict[str, str]:
    """All pages of docs/reference that are generated, by file name."""
    parts = (reference_tables, reference_functions, reference_commands, reference_settings)
    return {name: text for part in parts for name, text in part.pages().items()} | {"index.md": "\n".join(_index()) + "\n"}


def _index() -> Iterator[str]:
    yield from ("# Reference", "", MARK, "", "Written from the code by `make docs-reference`; a test holds it to the code.")
    rows = (
        ("[tables of v1](tables/index.md)", "columns, types, constraints, triggers, diagrams"),
        ("[tables of analytics and ops](upkeep.md)", "what triggers, functions and the migration keep"),
        ("[views](../views/index.md)", "grain, columns and an example row of each view"),
        ("[functions](functions/index.md)", "signature, what it returns, who may call it"),
        (
            "[rules and alerts](../rules/index.md)",
            "each rule, whom it protects, how to mend; [what to do when one is raised](../on-call.md)",
        ),
        ("[commands](commands/index.md)", "`rently-db`: arguments, options, exit codes"),
        ("[settings](settings.md)", "environment, alembic, database, thresholds, targets: default, unit, meaning"),
        ("[Python](python/index.md)", "models, sessions, services, testing"),
        ("[repairs](../repairs.md)", "what the migration changes in rows of v0"),
    )
    yield from table(("page", "has"), rows)
    yield from ("", "## Calls of the deployment guide", "", "Step by step, with what is printed: [the runbook](../deploy.md).")
    yield from table(
        ("step", "the guide's call", "command", "what happens"),
        ((step, _called(call), _command(name), does) for step, call, name, does in GUIDE),
    )
    yield from ("", "Called day by day:", "")
    yield from (f"- {_called(name)}" for name in CALLS)


def _called(call: str) -> str:
    """A call of the guide, with a link if there is a function of that name."""
    if call == "run_pre_migration_validation":
        return f"[ops.{call}](functions/migration.md#ops{call})"
    found = [(area, entity) for area, entities in functions().items() for entity in entities if entity.name == call]
    if not found:
        return f"`{call}`" if call else ""
    area, entity = found[0]
    return f"[{entity.qualified}](functions/{area}.md#{anchor(entity)})"


def _command(name: str) -> str:
    return f"[rently-db {name}](commands/{name}.md)" if name else ""


def main() -> None:
    """Write all pages, and remove those of what is gone; pages without our mark are somebody's own."""
    current = pages()
    for path in PAGES.rglob("*.md"):
        if path.relative_to(PAGES).as_posix() not in current and MARK in path.read_text(encoding="utf-8"):
            path.unlink()
    for name, text in current.items():
        path = PAGES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(current)} pages in docs/reference\n")


if __name__ == "__main__":
    main()
