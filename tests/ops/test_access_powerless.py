"""A migrating role that owns the database and may create no roles: the DBA's part is told, and the upgrade goes on or stops."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.migrate.roles import ROLES
from rently_db.server import Server, installed_server
from tests.analytics.live_book import session
from tests.support.books import write_v0_book
from tests.support.commands import rently_db
from tests.support.migrations import HEAD, rows, run_alembic, run_sql

OURS = "SELECT count(*) FROM pg_roles WHERE rolname = ANY (%s)"


@pytest.fixture(scope="module")
def bare_server() -> Iterator[URL]:
    """A server of this module's own: roles are the server's, and others have made them on the one that tests share.

    It loads pg_stat_statements, and only some may ask what a server loads.
    """
    version = os.environ.get("RENTLY_TEST_PG")
    settings = {"shared_preload_libraries": "pg_stat_statements"}
    with Server(installed_server(version) if version else None, settings=settings) as server:
        yield parse_url(server.url())


@contextmanager
def owned(server: URL, name: str, attributes: str = "") -> Iterator[tuple[URL, URL]]:
    """A v0 book of its own for a role that owns it: URLs for that role and for the DBA."""
    run_sql(server, f"CREATE ROLE {name} LOGIN PASSWORD 'x' {attributes}", f"CREATE DATABASE {name} OWNER {name}")
    dba = server.set(database=name)
    run_sql(dba, f"ALTER SCHEMA public OWNER TO {name}", "CREATE EXTENSION pg_stat_statements")
    owner = dba.set(username=name, password="x")
    write_v0_book(owner, 20)
    try:
        yield owner, dba
    finally:
        run_sql(server, f"DROP DATABASE {name} WITH (FORCE)" if server_version(server) >= 130000 else f"DROP DATABASE {name}")
        run_sql(server, *(f"DROP ROLE IF EXISTS {role}" for role in ROLES), f"DROP ROLE {name}")


def server_version(url: URL) -> int:
    """server_version_num."""
    return int(rows(url, "SHOW server_version_num")[0][0])


def alert_status(url: URL) -> list[tuple[object, ...]]:
    """What alert rules say that were asked: error, once each."""
    run_sql(url, "SELECT ops.evaluate_alert_rules()")
    return rows(url, "SELECT DISTINCT split_part(error, ';', 1) FROM ops.alert_state")


def test_required_roles_stop_the_upgrade_before_anything(bare_server: URL) -> None:
    """With --roles require nothing is changed, and what the DBA must run is printed; after it the same command goes through."""
    with owned(bare_server, "rently_test_strict") as (owner, dba):
        said = rently_db(owner, "migrate", "--roles", "require")
        assert said.code == 1, said.text
        assert rows(owner, "SELECT to_regnamespace('ops') IS NULL") == [(True,)]
        script = [line.strip() for line in said.stdout.splitlines() if line.strip().startswith(("CREATE ROLE", "GRANT"))]
        assert len(script) == len(ROLES) + 1, said.text
        run_sql(dba, *script)
        again = rently_db(owner, "migrate", "--roles", "require")
        assert again.code == 0, again.text
        assert rows(owner, "SELECT has_table_privilege('rently_app', 'public.loan', 'UPDATE')") == [(True,)]
        assert alert_status(owner) == [(None,)]


def test_the_upgrade_goes_on_without_roles_and_the_script_makes_it_whole(bare_server: URL) -> None:
    """By default the upgrade warns and goes on; no alert query runs with other rights; the printed script gives what is missing."""
    with owned(bare_server, "rently_test_loose") as (owner, dba):
        said = rently_db(owner, "migrate")
        assert said.code == 0, said.text
        assert "Have a DBA run this" in said.stderr
        assert "CREATE ROLE rently_auditor NOLOGIN" in said.stderr
        assert rows(owner, "SELECT version_num FROM ops.alembic_version") == [(HEAD,)]
        assert rows(owner, "SELECT to_regrole('rently_app') IS NULL") == [(True,)]
        [(error,)] = alert_status(owner)
        assert "run by role rently_readonly alone" in str(error)
        refused = rently_db(owner, "access", "apply")
        assert refused.code == 1
        assert "rently_app" in refused.stderr
        run_sql(dba, rently_db(owner, "access", "script").stdout)
        run_sql(owner, "DELETE FROM ops.alert_state")
        assert alert_status(owner) == [(None,)]
        assert rows(owner, "SELECT has_table_privilege('rently_collections', 'analytics.v_collections_worklist', 'SELECT')") == [(True,)]
        with session(owner) as opened:
            assert [
                row for row in opened.rows("SELECT test_name, test_status, test_message FROM ops.run_all_tests()") if row[1] != "PASS"
            ] == []
        back = rently_db(owner, "rollback", "--yes")
        assert back.code == 0, back.text
        assert rows(owner, "SELECT to_regclass('analytics.v_collections_worklist') IS NULL") == [(True,)]


def test_the_script_prepares_a_v0_database(bare_server: URL) -> None:
    """A DBA runs, weeks before, what the command prints of a v0 database, twice if need be; then the upgrade lacks nothing."""
    with owned(bare_server, "rently_test_early") as (owner, dba):
        script = rently_db(owner, "access", "script")
        assert script.code == 0, script.text
        run_sql(dba, script.stdout)
        run_sql(dba, script.stdout)
        said = rently_db(owner, "migrate", "--roles", "require")
        assert said.code == 0, said.text
        assert rows(owner, "SELECT has_table_privilege('rently_app', 'public.loan', 'UPDATE')") == [(True,)]
        assert alert_status(owner) == [(None,)]


def test_rights_can_not_be_given_before_there_are_any(bare_server: URL) -> None:
    """`access apply` on a v0 database says what comes first, and that it is not this command."""
    with owned(bare_server, "rently_test_hasty") as (owner, _):
        said = rently_db(owner, "access", "apply")
        assert (said.code, said.stdout) == (2, "")
        assert "is not at revision v1_ops" in said.stderr
        assert "run rently-db migrate" in said.stderr


def test_who_may_create_roles_needs_no_dba(bare_server: URL) -> None:
    """CREATEROLE is enough, on servers on which who creates a role is no member of it too."""
    with owned(bare_server, "rently_test_maker", "CREATEROLE") as (owner, _):
        said = rently_db(owner, "migrate", "--roles", "require")
        assert said.code == 0, said.text
        assert rows(owner, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'rently\\_%' AND NOT rolcanlogin") == [(len(ROLES),)]
        assert alert_status(owner) == [(None,)]


def test_statements_are_measured_for_an_owner_without_rights_on_the_server(bare_server: URL) -> None:
    """Who owns the tables and nothing else sees his own slow statements; a DBA who hides the view stops nothing."""
    with owned(bare_server, "rently_test_meter", "CREATEROLE") as (owner, dba):
        assert rently_db(owner, "migrate").code == 0
        assert rows(owner, "SELECT count(*) > 0 FROM ops.slow_statements(0, 0)") == [(True,)]
        run_sql(dba, "REVOKE SELECT ON pg_stat_statements FROM PUBLIC")
        assert rows(owner, "SELECT * FROM ops.slow_statements(0, 0)") == []
        run_sql(owner, "SELECT ops.record_metrics()")


def test_a_wrong_setting_is_refused(bare_server: URL) -> None:
    """Alembic -x roles=... takes two words."""
    said = run_alembic(bare_server, "-x", "roles=maybe", "upgrade", "head")
    assert said.code != 0
    assert "-x roles is 'maybe'; give optional or require" in said.text


def test_the_roles_are_those_of_the_database(live_roles: list[str]) -> None:
    """What is checked beforehand is what the migration creates."""
    assert sorted(live_roles) == sorted(ROLES)


@pytest.fixture
def live_roles(head_database: URL) -> list[str]:
    """The roles as ops.our_roles() lists them."""
    return [str(row[0]) for row in rows(head_database, "SELECT role_name FROM ops.our_roles()")]
