"""Applications don't own the tables: what the migration adds must work for a role that may only read and write v0's tables."""

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.migrate.baseline import BASELINE
from rently_db.synth.v0_workload import V0Application
from tests.support.migrations import plain, rows, run_sql, upgrade

ROLE = "rently_test_app"


@pytest.fixture
def app_url(book_database: URL) -> URL:
    """The book's database as a login role sees it that has DML rights on the twenty tables, granted before the migration."""
    tables = ", ".join(f"public.{name}" for name in BASELINE)
    run_sql(
        book_database,
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN"
        f" CREATE ROLE {ROLE} LOGIN PASSWORD 'app'; END IF; END $$",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {ROLE}",
    )
    return book_database.set(username=ROLE, password="app")


def test_a_v0_application_without_ownership_works_at_head(book_database: URL, app_url: URL):
    """The v0 application's whole workload, dirty writes included, needs no right that it did not have before."""
    upgrade(book_database)
    with psycopg2.connect(plain(app_url)) as connection:
        application = V0Application(connection)
        application.round()
        assert application.differences() == []
    connection.close()
    assert rows(book_database, "SELECT count(*) > 0 FROM ops.row_journal WHERE recorded_by = 'rently_test_app'") == [(True,)]


def test_an_application_role_can_not_touch_the_journal(book_database: URL, app_url: URL):
    """What the migration remembers is out of reach for applications, though their writes are journalled."""
    upgrade(book_database)
    for statement in ("DELETE FROM ops.row_journal", "SELECT ops.journal_repair('loan', NULL, '{}', '{}', '{}')"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run_sql(app_url, statement)
