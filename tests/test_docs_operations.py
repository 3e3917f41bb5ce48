"""docs/operations.md does what it shows, and says of rights and functions what the database says."""

import re

import pytest
from sqlalchemy import URL

from docs.operations import PAGE, Operations
from docs.runbook import script
from rently_db.migrate.roles import ROLES
from rently_db.sql.grants import COLLECTIONS_VIEWS
from tests.support.migrations import rows, run_sql

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_does_what_it_shows():
    """From the roles to the erasure: every command ends as the page says and prints what stands there."""
    found: dict[str, list[str]] = {}
    with Operations() as stage:
        for event in script(TEXT):
            if isinstance(event, str):
                stage.scene(event)
            elif differences := stage.run(event.command).differences(event):
                found[event.command] = differences
    assert not found, "python -m docs.operations, and read what it changes:\n" + "\n".join(f"{name}: {found[name]}" for name in found)


def test_no_command_of_the_page_failed_unnoticed():
    """Where a command of the page is refused, the page says so; every other one ended with exit code 0, and none with a traceback."""
    failed = [event.command for event in script(TEXT) if not isinstance(event, str) and event.code]
    assert [command for command in failed if not any(word in command for word in REFUSED)] == []
    assert len(failed) == len(REFUSED)
    assert "Traceback" not in TEXT
    scenes = {event for event in script(TEXT) if isinstance(event, str)}
    assert scenes == set(Operations.scenes)


REFUSED = (
    "migrate --roles require",
    "SELECT borrower_name FROM",
    "--junit rules.xml",
    "--json > rules.json",
    "SELECT count(*) FROM ops.audit_log",
    "SET actor = 'nobody'",
)
"""What the page shows as refused, or as found: a part of the command."""


def called() -> dict[str, str]:
    """Function -> for whom, as the last table of the page has it."""
    table = TEXT.partition("## Who may call what")[2]
    lines = re.findall(r"^\| (`.+`) \| (ops|owner) \|", table, re.MULTILINE)
    return {name: who for functions, who in lines for name in re.findall(r"`(\w+)\(", functions)}


def test_who_may_call_what_is_so(head_database: URL):
    """An operator who reads that he may call a function may; what is the owner's alone is refused to him."""
    found = rows(
        head_database,
        "SELECT proname::text, has_function_privilege('rently_ops', oid, 'EXECUTE') FROM pg_proc WHERE pronamespace = 'ops'::regnamespace",
    )
    assert len(called()) > 20
    assert {name: who == "ops" for name, who in called().items()} == {name: may for name, may in found if name in called()}


def test_the_page_names_every_function_that_operators_were_promised():
    """Whatever stands in the contract of operations has its line."""
    promised = (
        "run_all_validations check_critical_data_issues generate_validation_report get_validation_health_status run_all_tests"
        " run_post_migration_validation get_system_health_overview get_data_quality_metrics get_performance_metrics evaluate_alert_rules"
        " get_active_alerts_summary get_trending_metrics cleanup_validation_logs initialize_monitoring_system"
        " setup_automated_testing_schedules optimize_analytics_performance emergency_rollback_to_v0 emergency_rollback_script"
    )
    assert set(promised.split()) <= called().keys()


def test_the_table_of_roles_is_complete():
    """Each role of ours has its row, and counts in the text are those of the code."""
    table = TEXT.partition("## Access")[2].partition("###")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(ROLES)
    assert f"the {len(COLLECTIONS_VIEWS)} views that collections work with" in TEXT


@pytest.mark.parametrize("owner", [True, False])
def test_a_month_of_the_audit_is_dropped_by_the_owner_alone(head_database: URL, owner: bool):
    """What need not be kept any more goes as a whole month, as the page says; an operator can't."""
    months = "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'ops.audit_log'::regclass"
    [(name,)] = rows(head_database, f"{months} AND inhrelid::regclass::text ~ '[0-9]$'")
    assert re.fullmatch(r"ops\.audit_log_\d{4}_\d{2}", name)
    if owner:
        run_sql(head_database, f"DROP TABLE {name}")
        assert rows(head_database, f"SELECT to_regclass('{name}') IS NULL") == [(True,)]
    else:
        with pytest.raises(Exception, match="must be owner"):
            run_sql(head_database, "SET ROLE rently_ops", f"DROP TABLE {name}")
