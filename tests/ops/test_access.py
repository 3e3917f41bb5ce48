"""Roles and rights: role by role, thing by thing, verb by verb what is allowed and what is refused."""

from __future__ import annotations

import psycopg2.errors
import pytest
from sqlalchemy import URL

from rently_db.sql.catalog import load_catalogue
from rently_db.sql.grants import APPEND_ONLY, COLLECTIONS_VIEWS, NEVER_DELETED, PUBLIC_TABLES, ROLES, RULES, grant_files
from rently_db.testing.databases import Databases
from tests.analytics.live_book import Session, session
from tests.support.commands import rently_db
from tests.support.migrations import downgrade, rows, run_sql, upgrade

OURS = [role for role in ROLES if role != "public"]
CATALOGUE = load_catalogue()
VIEWS = [e for e in CATALOGUE if e.schema == "analytics" and e.kind in ("view", "matview")]
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
FREE = [name for name in PUBLIC_TABLES if name not in (*RULES, *APPEND_ONLY, *NEVER_DELETED)]


def allowed() -> dict[tuple[str, str], set[str]]:
    """(role, table of public) -> verbs that are allowed; every other one must be refused. Written down by hand, not read from the files."""
    matrix: dict[tuple[str, str], set[str]] = {}
    for table in PUBLIC_TABLES:
        matrix["rently_owner", table] = set(VERBS)
        matrix["rently_readonly", table] = matrix["rently_auditor", table] = {"SELECT"}
        matrix["rently_app", table] = {"SELECT"}
        for role in ("rently_analyst", "rently_collections", "rently_ops", "rently_monitor"):
            matrix[role, table] = set()
    for table in FREE:
        matrix["rently_app", table] = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    for table in ("loan_status_history", "payment_allocation"):
        matrix["rently_app", table] = {"SELECT", "INSERT", "UPDATE"}
    for table in ("ledger_entry", "journal_entry"):
        matrix["rently_app", table] = {"SELECT", "INSERT"}
    impersonal = (*RULES, "fx_rate", "legal_entity", "loan_flag", "product")
    for table in impersonal:
        for role in ("rently_analyst", "rently_collections", "rently_ops"):
            matrix[role, table] = {"SELECT"}
    for table in ("loan", "party", "party_role"):
        matrix["rently_collections", table] = {"SELECT"}
    for table in ("collections_event", "payment_disputes"):
        matrix["rently_collections", table] = {"SELECT", "INSERT", "UPDATE"}
    matrix["rently_collections", "loan_status_history"] = {"SELECT", "INSERT"}
    return matrix


def test_the_committed_files_are_what_the_tables_render() -> None:
    """A reviewer reads what is deployed, and a new view is in the files of those who read it."""
    for path, text in grant_files():
        assert path.read_text(encoding="utf-8") == text, "run python -m rently_db.sql.grants"


@pytest.mark.parametrize("role", OURS)
def test_the_matrix_holds_on_tables_of_public(live: Session, role: str) -> None:
    """Each verb on each lending table is allowed to a role or refused, as the matrix says."""
    matrix = allowed()
    found = {
        table: {verb for verb in VERBS if live.value("SELECT has_table_privilege(%s, %s, %s)", role, f"public.{table}", verb)}
        for table in PUBLIC_TABLES
    }
    assert found == {table: matrix[role, table] for table in PUBLIC_TABLES}


@pytest.mark.parametrize("role", OURS)
def test_the_matrix_holds_on_what_operations_keep(live: Session, role: str) -> None:
    """The audit is the auditor's and the owner's alone; rules, exemptions and settings are written by operators; nobody else writes."""
    everything = set(VERBS)
    reads = {"SELECT"}
    writes = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    expected = {
        "rently_owner": dict.fromkeys(
            ("audit_log", "alert_rules", "alert_history", "data_validation_log", "validation_exemption"), everything
        ),
        "rently_auditor": dict.fromkeys(
            ("audit_log", "alert_rules", "alert_history", "data_validation_log", "validation_exemption"), reads
        ),
        "rently_readonly": {"alert_rules": reads, "alert_history": reads, "data_validation_log": reads, "validation_exemption": reads},
        "rently_ops": {"alert_rules": writes, "alert_history": reads, "data_validation_log": reads, "validation_exemption": writes},
    }.get(role, {})
    for table in ("audit_log", "alert_rules", "alert_history", "data_validation_log", "validation_exemption"):
        found = {verb for verb in VERBS if live.value("SELECT has_table_privilege(%s, %s, %s)", role, f"ops.{table}", verb)}
        assert found == expected.get(table, set()), table


@pytest.mark.parametrize("role", ["rently_analyst", "rently_collections", "rently_readonly", "rently_auditor", "rently_app", "rently_ops"])
def test_views_can_be_read_by_who_may(live: Session, role: str) -> None:
    """Every view that a role may read really answers, with loans that wait and are computed on the fly; the others are refused."""
    live.rows("INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM loan ORDER BY id LIMIT 2")
    live.rows("SELECT set_config('search_path', 'public, analytics, ops', true), set_config('role', %s, true)", role)
    for view in VIEWS:
        columns = ", ".join(name for name, _ in view.header.columns if role != "rently_analyst" or name not in view.header.personal)
        live.rows("SAVEPOINT s")
        if role != "rently_collections" or view.name in COLLECTIONS_VIEWS:
            live.rows(f"SELECT {columns} FROM {view.name}")
        else:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                live.rows(f"SELECT {columns} FROM {view.name}")
            live.rows("ROLLBACK TO s")


@pytest.mark.parametrize("view", [e.name for e in VIEWS if e.header.personal])
def test_analysts_see_no_person(live: Session, view: str) -> None:
    """Columns that say who somebody is are refused to analysts, and with them the view as a whole."""
    [entity] = [e for e in VIEWS if e.name == view]
    live.rows("SET LOCAL ROLE rently_analyst")
    for what in (*entity.header.personal, "*"):
        live.rows("SAVEPOINT s")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            live.rows(f"SELECT {what} FROM analytics.{view}")
        live.rows("ROLLBACK TO s")


def test_every_column_with_a_persons_name_is_marked() -> None:
    """A view that shows a name, an address, a telephone or an account number says so in its header."""
    for view in VIEWS:
        for name, _ in view.header.columns:
            if name.endswith(
                ("borrower_name", "payer_name", "agent_name", "collector_name", "obligor_name", "email", "phone", "account_number")
            ):
                assert name in view.header.personal, f"{view.name}.{name}"


def test_public_has_nothing(live: Session) -> None:
    """Whoever can connect and is no member of a role reads, writes and calls nothing of ours."""
    assert live.rows("SELECT * FROM ops.acl WHERE grantee = 'PUBLIC' AND is_ours") == []
    live.rows("CREATE ROLE rently_test_nobody")
    live.rows("SET LOCAL ROLE rently_test_nobody")
    for statement in ("SELECT * FROM analytics.v_portfolio_at_risk", "SELECT ops.run_all_tests()"):
        live.rows("SAVEPOINT s")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            live.rows(statement)
        live.rows("ROLLBACK TO s")


def test_who_is_granted_a_table_by_hand_can_write_it(live: Session) -> None:
    """An application whose role has rights on tables, and is no member of rently_app, goes on writing: everybody may make ids."""
    live.rows("CREATE ROLE rently_test_writer")
    live.rows("GRANT USAGE ON SCHEMA public TO rently_test_writer")
    live.rows("GRANT SELECT, INSERT ON party TO rently_test_writer")
    live.rows("SET LOCAL ROLE rently_test_writer")
    [(made,)] = live.rows("INSERT INTO party (kind, display_name) VALUES ('corporate', 'Hand Made Pte Ltd') RETURNING id IS NOT NULL")
    assert made


def test_operators_do_their_work_without_rights_on_the_tables_below(own_url: URL) -> None:
    """A member of rently_ops works off the queue, validates, asks alerts, refreshes and measures; money it can't touch."""
    run_sql(
        own_url,
        "CREATE ROLE rently_test_ops LOGIN PASSWORD 'x'",
        "GRANT rently_ops TO rently_test_ops",
        "INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM loan",
    )
    try:
        url = own_url.set(username="rently_test_ops", password="x")
        done = rently_db(url, "run-due", "--once")
        assert done.code == 0, done.text
        assert rently_db(url, "validate", "--tag", "quality").code == 0
        assert rently_db(url, "status").code == 0
        refused = rently_db(url, "drift")
        assert (refused.code, len(refused.stderr.splitlines())) == (2, 1)
        assert "connect as the role that owns the tables" in refused.stderr
        with session(url, autocommit=True) as opened:
            assert opened.value("SELECT count(*) FROM analytics.loan_state_queue") == 0
            for call in (
                "ops.get_system_health_overview()",
                "ops.get_performance_metrics()",
                "ops.initialize_monitoring_system()",
                "ops.get_data_quality_metrics()",
                "ops.check_critical_data_issues()",
                "analytics.refresh_all_materialized_views()",
            ):
                opened.rows(f"SELECT * FROM {call}")
            for statement in (
                "UPDATE loan SET status = 'closed'",
                "SELECT * FROM party",
                "SELECT * FROM ops.audit_log",
                "SELECT ops.apply_access()",
            ):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    opened.rows(statement)
    finally:
        run_sql(own_url, "DROP OWNED BY rently_test_ops", "DROP ROLE rently_test_ops")


def test_what_was_granted_before_stays_after_a_rollback(databases: Databases, book_database: URL) -> None:
    """A right that a DBA gave a role of ours on a table of v0 is not taken with ours; ours go; PUBLIC has back what it had."""
    run_sql(
        book_database,
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rently_app') THEN CREATE ROLE rently_app NOLOGIN; END IF; END $$",
        "GRANT SELECT ON loan TO rently_app",
    )
    query = (
        "SELECT object, grantee, privilege FROM (SELECT c.oid::regclass::text AS object, x.* FROM pg_class c, aclexplode(c.relacl) x"
        " WHERE c.relnamespace = 'public'::regnamespace) a"
        " JOIN pg_roles r ON r.oid = a.grantee, LATERAL (SELECT r.rolname, a.privilege_type AS privilege) p"
        " WHERE r.rolname LIKE 'rently\\_%' ORDER BY 1, 2, 3"
    )
    before = rows(book_database, query)
    assert len(before) == 1
    upgrade(book_database)
    assert len(rows(book_database, query)) > 100
    downgrade(book_database)
    assert rows(book_database, query) == before


def test_grants_of_others_get_the_functions_that_views_need(own_url: URL) -> None:
    """A role that a DBA lets read analytics by hand can use the views, though PUBLIC may call nothing any more."""
    run_sql(
        own_url,
        "CREATE ROLE rently_test_by_hand LOGIN PASSWORD 'x'",
        "GRANT USAGE ON SCHEMA analytics TO rently_test_by_hand",
        "GRANT SELECT ON analytics.v_portfolio_at_risk TO rently_test_by_hand",
    )
    try:
        url = own_url.set(username="rently_test_by_hand", password="x")
        with session(url) as opened, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            opened.rows("SELECT * FROM analytics.v_portfolio_at_risk")
        said = rently_db(own_url, "access", "apply")
        assert said.code == 0
        with session(url) as opened:
            assert opened.rows("SELECT glp FROM analytics.v_portfolio_at_risk")
    finally:
        run_sql(own_url, "DROP OWNED BY rently_test_by_hand", "DROP ROLE rently_test_by_hand")


def test_the_script_makes_what_the_migration_could_not(live: Session) -> None:
    """What access script prints is complete: every role of ours, and the call that gives the rights."""
    script = live.value("SELECT ops.access_script()")
    for role in OURS:
        assert f"CREATE ROLE {role} NOLOGIN" in script
    live.rows("UPDATE ops.access_grant SET statement = 'GRANT DELETE ON public.loan TO rently_analyst' WHERE role_name = 'rently_analyst'")
    live.rows(script)
    assert live.value("SELECT has_table_privilege('rently_analyst', 'public.loan', 'DELETE')") is True
