"""The audit: who changed which row, when, from what to what; and nobody changes that."""

from __future__ import annotations

import psycopg2.errors
import pytest
from sqlalchemy import URL

from rently_db.sql.audit_triggers import AUDITED, audit_files
from rently_db.synth.v0_workload import V0Application
from tests.analytics.live_book import Session, session
from tests.support.migrations import connect, rows, run_sql

LATEST = "SELECT actor, db_user, table_name, row_id, action, old, new FROM ops.audit_log ORDER BY changed_at DESC, id DESC LIMIT 1"
PARTY = "(SELECT min(id::text)::uuid FROM party)"


def test_the_committed_files_are_what_the_table_renders() -> None:
    """A reviewer reads what is deployed."""
    for path, text in audit_files():
        assert path.read_text(encoding="utf-8") == text, "run python -m rently_db.sql.audit_triggers"


@pytest.mark.parametrize("table", [name for names in AUDITED.values() for name in names])
def test_every_audited_table_has_its_triggers(live: Session, table: str) -> None:
    """Whatever is written to a table of money, parties or rules leaves an entry, an emptied table too."""
    events = {
        name.removeprefix("audit_")
        for name in live.column("SELECT tgname::text FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'audit\\_%%'", table)
    }
    assert events >= ({"update", "delete"} if table.endswith("amortisation_line") else {"insert", "update", "delete"})


def test_an_update_says_who_and_from_what_to_what(live: Session) -> None:
    """Only what changed is kept, with the actor that the application names beside the database user."""
    live.rows("SET rently.actor = 'clerk 7'")
    before = live.value(f"SELECT display_name FROM party WHERE id = {PARTY}")
    live.rows(f"UPDATE party SET display_name = 'Tan Wei' WHERE id = {PARTY}")
    [(actor, db_user, table, row, action, old, new)] = live.rows(LATEST)
    assert (actor, db_user, table, action) == ("clerk 7", live.value("SELECT session_user"), "party", "UPDATE")
    assert row == live.value(f"SELECT {PARTY}::text")
    assert (old, new) == ({"display_name": before}, {"display_name": "Tan Wei"})


def test_without_an_actor_the_database_user_is_it(live: Session) -> None:
    """Whoever sets nothing is still known by the login."""
    live.rows(f"UPDATE party SET phone = '1' WHERE id = {PARTY}")
    assert live.rows(LATEST)[0][:2] == (live.value("SELECT session_user"),) * 2


def test_a_row_that_stays_as_it_was_is_no_change(live: Session) -> None:
    """An UPDATE that writes the same values leaves no entry, though it touches updated_at."""
    before = live.value("SELECT count(*) FROM ops.audit_log")
    live.rows("UPDATE loan SET status = status")
    assert live.value("SELECT count(*) FROM ops.audit_log") == before


def test_a_deleted_row_is_kept_whole_and_an_inserted_one_is_named(live: Session) -> None:
    """What is gone can be read in the audit; of what is new the row itself tells."""
    event = live.value(
        "INSERT INTO loan_flag (loan_id, flag, effective_from) SELECT id, 'forborne', '2026-01-01' FROM loan LIMIT 1 RETURNING id"
    )
    assert live.rows(LATEST)[0][3:] == (event, "INSERT", None, None)
    live.rows("DELETE FROM loan_flag WHERE id = %s", event)
    [(*_, row, action, old, new)] = live.rows(LATEST)
    assert (row, action, new) == (event, "DELETE", None)
    assert (old["flag"], old["effective_from"]) == ("forborne", "2026-01-01")
    live.rows("TRUNCATE loan_flag")
    assert live.rows(LATEST)[0][2:] == ("loan_flag", None, "TRUNCATE", None, None)


def test_every_row_of_a_statement_has_an_entry(live: Session) -> None:
    """A correction of many rows at once is as many entries, of one transaction."""
    loans = live.value("SELECT count(*) FROM loan")
    live.rows("UPDATE loan SET interest_rate = interest_rate + 0.0001")
    found = live.rows(
        "SELECT count(*), count(DISTINCT row_id), count(DISTINCT transaction_id) FROM ops.audit_log WHERE table_name = 'loan'"
        " AND action = 'UPDATE' AND new ? 'interest_rate'"
    )
    assert found == [(loans, loans, 1)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ops.audit_log SET actor = 'nobody'",
        "DELETE FROM ops.audit_log",
        "TRUNCATE ops.audit_log",
        "UPDATE {partition} SET actor = 'nobody'",
        "DELETE FROM {partition}",
        "TRUNCATE {partition}",
    ],
)
def test_nobody_rewrites_the_audit(live: Session, statement: str) -> None:
    """Not even the owner, nor by the name of a partition."""
    live.rows(f"UPDATE party SET phone = '1' WHERE id = {PARTY}")
    partition = live.value("SELECT tableoid::regclass::text FROM ops.audit_log ORDER BY changed_at DESC LIMIT 1")
    with pytest.raises(psycopg2.errors.CheckViolation, match="stay as they were written"):
        live.rows(statement.format(partition=partition))


def test_personal_data_can_be_erased_and_nothing_else(live: Session) -> None:
    """With rently.erasing contents go; who, when and which row stay; what is not content can't be changed even so."""
    live.rows(f"UPDATE party SET phone = '1' WHERE id = {PARTY}")
    live.rows("SET rently.erasing = 'on'")
    live.rows("UPDATE ops.audit_log SET old = NULL, new = NULL WHERE table_name = 'party'")
    [(actor, _, table, row, action, old, new)] = live.rows(LATEST)
    assert (actor, table, action, old, new) == (live.value("SELECT session_user"), "party", "UPDATE", None, None)
    assert row
    for change in ("actor = 'nobody'", 'new = \'{"phone": "2"}\'', "action = 'INSERT'"):
        live.rows("SAVEPOINT s")
        with pytest.raises(psycopg2.errors.CheckViolation, match="only the contents may be erased"):
            live.rows(f"UPDATE ops.audit_log SET {change}")
        live.rows("ROLLBACK TO s")
    with pytest.raises(psycopg2.errors.CheckViolation):
        live.rows("DELETE FROM ops.audit_log")


def test_an_application_reads_and_writes_no_entry(own_url: URL) -> None:
    """The v0 application's whole workload is audited, though its role has no right on the audit."""
    run_sql(
        own_url,
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rently_test_app') THEN"
        " CREATE ROLE rently_test_app LOGIN PASSWORD 'app'; END IF; END $$",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO rently_test_app",
    )
    url = own_url.set(username="rently_test_app", password="app")
    connection = connect(url)
    connection.autocommit = False
    application = V0Application(connection)
    application.round()
    connection.commit()
    connection.close()
    assert rows(own_url, "SELECT count(DISTINCT table_name) > 10 FROM ops.audit_log WHERE db_user = 'rently_test_app'") == [(True,)]
    for statement in ("SELECT * FROM ops.audit_log", "INSERT INTO ops.audit_log DEFAULT VALUES"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run_sql(url, statement)


def test_months_are_made_ahead_and_an_unmade_month_is_not_lost(own_url: URL) -> None:
    """This month and the next two have partitions, guarded; what is written for another month stands in the one for the rest."""
    with session(own_url, autocommit=True) as opened:
        assert opened.value("SELECT ops.ensure_audit_partitions(3)") == 1
        assert opened.value("SELECT ops.ensure_audit_partitions(3)") == 0
        names = opened.column("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ops.audit_log'::regclass ORDER BY 1")
        assert len(names) == 5
        assert names[-1] == "ops.audit_log_other"
        guarded = opened.value(
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'guard_change' AND tgrelid IN"
            " (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'ops.audit_log'::regclass)"
        )
        assert guarded == 5
        opened.rows(
            "INSERT INTO ops.audit_log (id, changed_at, actor, db_user, transaction_id, table_name, action)"
            " SELECT public.uuidv7(), now() + interval '1 year', 'x', 'x', 1, 'loan', 'TRUNCATE'"
        )
        assert opened.value("SELECT count(*) FROM ops.audit_log_other") == 1


def test_the_audit_survives_a_rollback(own_url: URL) -> None:
    """What was audited at v1 is set aside by the way back to v0, partitions and all, and is there again after the next upgrade."""
    from tests.support.migrations import downgrade, upgrade

    run_sql(own_url, f"UPDATE party SET phone = '42' WHERE id = {PARTY}")
    before = rows(own_url, "SELECT id, actor, new FROM ops.audit_log ORDER BY id")
    downgrade(own_url)
    assert rows(own_url, "SELECT to_regclass('ops.audit_log') IS NULL") == [(True,)]
    upgrade(own_url)
    after = rows(own_url, "SELECT id, actor, new FROM ops.audit_log ORDER BY id")
    assert [row for row in after if row in before] == before
