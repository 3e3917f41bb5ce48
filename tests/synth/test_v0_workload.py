"""The contract with the legacy applications, and the workload that checks it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.migrate.baseline import BASELINE, create_baseline_sql
from rently_db.synth.v0_statements import DIRTY, LOWER_CASE, PREPARED, STATEMENTS
from rently_db.synth.v0_workload import APPLICATION_NAME, DOCUMENT, V0Application, WorkloadError, WorkloadThread, current_document, main

NEVER_CHANGED = {"ledger_entry", "payment_allocation"}
NEVER_DELETED = {"legal_entity", "product", "decision"} | NEVER_CHANGED


@pytest.fixture
def dsn(empty_database: URL) -> str:
    """A database that holds v0 and no row."""
    dsn = empty_database.set(drivername="postgresql").render_as_string(hide_password=False)
    _execute(dsn, *create_baseline_sql())
    return dsn


@pytest.fixture
def connection(dsn: str) -> Iterator[Any]:
    """The connection of one application."""
    connection = psycopg2.connect(dsn)
    yield connection
    connection.close()


def _execute(dsn: str, *statements: str) -> None:
    """Run statements as somebody else."""
    other = psycopg2.connect(dsn)
    try:
        with other, other.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        other.close()


def _wait_for(thread: WorkloadThread, done: Any) -> None:
    deadline = time.monotonic() + 20
    while not done(thread.summary()) and time.monotonic() < deadline:
        time.sleep(0.02)


def _waits_for_a_lock(dsn: str) -> bool:
    other = psycopg2.connect(dsn)
    try:
        with other, other.cursor() as cursor:
            cursor.execute("SELECT FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'", [APPLICATION_NAME])
            return cursor.rowcount > 0
    finally:
        other.close()


def test_every_table_is_read_and_written() -> None:
    """v0 applications read and insert in all twenty tables, update and delete what they ever update and delete."""
    kinds = {table: {s.kind for s in STATEMENTS.values() if s.table == table} for table in BASELINE}
    for table, found in kinds.items():
        assert {"read", "insert"} <= found, table
        assert ("update" in found) == (table not in NEVER_CHANGED), table
        assert ("delete" in found) == (table not in NEVER_DELETED), table


@pytest.mark.parametrize("table", BASELINE)
def test_insert_names_every_v0_column_and_no_other(table: str) -> None:
    """A plain insert of a v0 application names each v0 column and gives it a parameter."""
    sql = STATEMENTS[f"insert_{table}"].sql
    names = [c.name for c in BASELINE[table].columns]
    assert sql.partition("(")[2].partition(")")[0].split(", ") == names
    assert re.findall(r"%\((\w+)\)s", sql) == names


def test_statements_name_only_v0_tables_and_prepared_ones_exist() -> None:
    """Nothing in the contract knows a table that v0 does not have."""
    for statement in STATEMENTS.values():
        named = re.findall(r"(?:FROM|JOIN|INTO|^UPDATE) (\w+)", statement.sql)
        assert named, statement.name
        assert set(named) <= BASELINE.keys(), statement.name
    assert set(PREPARED) <= STATEMENTS.keys()
    assert all(d.column in {c.name for c in BASELINE[d.table].columns} for d in DIRTY)


def test_document_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/v0-workload.md lists exactly the statements of the registry."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert current_document(text) == text
    assert main([]) == 0, capsys.readouterr().err
    assert all(f"-- {s.name}: {s.note}\n{s.sql};" in text for s in STATEMENTS.values())


def test_stale_document_is_noticed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A statement removed from the document by hand comes back with --write-docs."""
    copy = tmp_path / "v0-workload.md"
    text = DOCUMENT.read_text(encoding="utf-8")
    copy.write_text(text.replace("-- insert_loan:", "-- gone:"), encoding="utf-8")
    monkeypatch.setattr("rently_db.synth.v0_workload.DOCUMENT", copy)
    assert main([]) == 1
    assert "--write-docs" in capsys.readouterr().err
    assert main(["--write-docs"]) == 0
    assert copy.read_text(encoding="utf-8") == text


def test_document_without_marks_is_refused() -> None:
    """Without its marks nobody knows where the generated part goes."""
    with pytest.raises(ValueError, match="needs the lines"):
        current_document("# nothing")


def test_round_runs_every_statement_and_keeps_count(connection: Any) -> None:
    """Two rounds, in SGD and AED, run the whole contract on an empty v0 database; what was committed is there, drafts are gone."""
    application = V0Application(connection)
    for _ in range(2):
        application.round()
    assert set(STATEMENTS) <= set(application.calls)
    assert {f"execute {name}" for name in PREPARED} <= set(application.calls)
    assert application.differences() == []
    with connection.cursor() as cursor:
        for table, ids in application.written.items():
            cursor.execute(f"SELECT id FROM {table}")
            assert {key for (key,) in cursor.fetchall()} == set(ids), table
        cursor.execute("SELECT current_setting('application_name')")
        assert cursor.fetchone() == (APPLICATION_NAME,)
        cursor.execute(
            "SELECT FROM payment_allocation a JOIN payment p ON p.id = a.payment_id GROUP BY p.id HAVING sum(a.allocated_amount) > p.amount"
        )
        assert cursor.fetchall() == []
        for dirty in DIRTY:
            if dirty.table in {"application", "loan", "payment"} and dirty.column == "status" and dirty.value:
                continue  # spelt otherwise by an update
            test = "IS NULL" if dirty.value is None else f"= lower({dirty.column})" if dirty.value == LOWER_CASE else f"= '{dirty.value}'"
            cursor.execute(f"SELECT count(*) FROM {dirty.table} WHERE {dirty.column} {test}")
            assert cursor.fetchone() != (0,), dirty
        for table in ("application", "loan", "payment"):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE status <> btrim(status)")
            assert cursor.fetchone() == (2,), table


def test_same_seed_writes_the_same(dsn: str, connection: Any) -> None:
    """Ids follow from the seed, so that a failure can be repeated; other seeds write other rows in the same database."""
    first = V0Application(connection, seed=3)
    first.round()
    _execute(dsn, f"TRUNCATE {', '.join(BASELINE)}")
    for seed in (3, 4):
        other = psycopg2.connect(dsn)
        second = V0Application(other, seed=seed)
        second.round()
        other.close()
        assert (second.written == first.written) == (seed == 3)
    with pytest.raises(ValueError, match="seed 40"):
        V0Application(connection, seed=40)


def test_lost_and_changed_rows_are_found(dsn: str, connection: Any) -> None:
    """The application says which of its rows a migration lost or altered."""
    application = V0Application(connection)
    application.round()
    lost, changed = application.written["collections_event"][0], application.written["payment"][0]
    _execute(dsn, f"DELETE FROM collections_event WHERE id = '{lost}'", f"UPDATE payment SET amount = amount + 0.01 WHERE id = '{changed}'")
    found = application.differences()
    assert len(found) == 2
    assert any(f"payment {changed}: amount is " in text for text in found)
    assert f"collections_event {lost}: missing" in found


def test_failed_transaction_leaves_nothing(dsn: str, connection: Any) -> None:
    """What was rolled back does not count as written, and the application goes on when the database is mended."""
    application = V0Application(connection)
    _execute(dsn, "ALTER TABLE security_interest RENAME TO away")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        application.round()
    assert application.current == "insert_security_interest"
    assert application.written["loan"] == []
    assert len(application.written["legal_entity"]) == 1
    _execute(dsn, "ALTER TABLE away RENAME TO security_interest")
    application.round()
    assert application.differences() == []


def test_columns_out_of_place_are_a_failure(dsn: str, connection: Any) -> None:
    """SELECT * must give v0's columns first: a column put anew at the end is noticed."""
    _execute(dsn, "ALTER TABLE product DROP COLUMN name", "ALTER TABLE product ADD COLUMN name text")
    with pytest.raises(WorkloadError, match="read_product_all: columns are id, code, description, name"):
        V0Application(connection).round()


def test_prepared_select_star_is_prepared_again_once_for_each_change(dsn: str, connection: Any) -> None:
    """A column added while an application is connected costs it one new PREPARE, nothing else."""
    application = V0Application(connection)
    application.round()
    assert application.prepared_again == 0
    _execute(dsn, "ALTER TABLE loan ADD COLUMN installment_period text")
    application.round()
    application.round()
    assert application.prepared_again == 1


def test_thread_works_until_it_is_stopped(dsn: str) -> None:
    """Two applications side by side never fail, and say what they did."""
    threads = [WorkloadThread(dsn, seed=seed) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        _wait_for(thread, lambda s: s.rounds >= 2)
        summary = thread.stop()
        assert (summary.failures, summary.failed) == ((), 0)
        assert summary.rounds >= 2
        assert summary.statements > summary.writes > 100
        assert 0 < summary.longest_wait_ms == max(summary.slowest_ms.values())


def test_thread_reports_a_statement_that_fails(dsn: str) -> None:
    """A column that goes missing under a running application is reported with the statement and the SQLSTATE."""
    thread = WorkloadThread(dsn)
    thread.start()
    _wait_for(thread, lambda s: s.rounds >= 1)
    _execute(dsn, "ALTER TABLE fx_rate DROP COLUMN source")
    _wait_for(thread, lambda s: s.failed >= 2)
    summary = thread.stop()
    assert summary.failed >= 2
    assert {f.sqlstate for f in summary.failures} == {"42703"}
    assert "insert_fx_rate" in {f.statement for f in summary.failures}
    assert all("source" in f.message for f in summary.failures)


def test_lock_timeout_is_a_failure_and_a_wait_is_measured(dsn: str) -> None:
    """Whoever locks a table keeps the applications waiting: the longest wait shows it, and a timeout is a failure."""
    thread = WorkloadThread(f"{dsn}{'&' if '?' in dsn else '?'}options=-clock_timeout%3D300")
    thread.start()
    _wait_for(thread, lambda s: s.rounds >= 1)
    _execute(dsn, "LOCK TABLE party", "SELECT pg_sleep(0.8)")
    summary = thread.stop()
    assert summary.failed >= 1
    assert {f.sqlstate for f in summary.failures} == {"55P03"}
    assert summary.longest_wait_ms >= 290


def test_stop_does_not_wait_for_ever(dsn: str) -> None:
    """A statement that hangs behind a lock is named, not waited for."""
    thread = WorkloadThread(dsn)
    thread.start()
    _wait_for(thread, lambda s: s.rounds >= 1)
    blocker = psycopg2.connect(dsn)
    try:
        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE legal_entity")
        # Stopped between two rounds it would end at once; it has to wait in one.
        _wait_for(thread, lambda _: _waits_for_a_lock(dsn))
        with pytest.raises(TimeoutError, match="still waits for"):
            thread.stop(timeout_s=1)
    finally:
        blocker.close()
    thread.join(20)
    assert not thread.is_alive()
    assert thread.summary().failed == 0


def test_lost_connection_ends_the_thread(dsn: str) -> None:
    """A session that is terminated, or never begins, is a failure with a name."""
    thread = WorkloadThread(dsn)
    thread.start()
    _wait_for(thread, lambda s: s.rounds >= 1)
    _execute(dsn, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{APPLICATION_NAME}'")
    thread.join(20)
    assert thread.stop().failed == 1
    nobody = WorkloadThread("postgresql:///?host=/nonexistent")
    nobody.start()
    nobody.join(20)
    assert [f.statement for f in nobody.stop().failures] == ["connect"]
