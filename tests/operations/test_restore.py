"""A restore gives back what was backed up, and says which rows a switch to it would lose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL

from rently_db.cli.exit_codes import ExitCode
from rently_db.operations.backup import BackupError, DamagedError, TableWrites, backup, check_source, restore, written_since
from rently_db.operations.backup.merge import _merged
from rently_db.operations.backup.written import WORKED_OUT
from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.migrations import ROOT, dump, plain, rows, run_sql, upgrade, v0_content

COMMAND = [sys.executable, "-c", "from rently_db.cli import main; main()"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`rently-db` as a shell would start it."""
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "rently.dump"


@pytest.fixture
def missing(databases: Databases) -> Iterator[URL]:
    """URL of a database that does not exist yet; dropped afterwards."""
    with databases.database() as url:
        run_sql(databases.admin_url, f'DROP DATABASE "{url.database}"')
        yield url
        run_sql(databases.admin_url, f'DROP DATABASE IF EXISTS "{url.database}"', f'CREATE DATABASE "{url.database}"')


def _exists(databases: Databases, url: URL) -> bool:
    return bool(rows(databases.admin_url, f"SELECT 1 FROM pg_database WHERE datname = '{url.database}'"))


@pytest.mark.parametrize("source", ["book_database", "v1_book"])
def test_a_restore_gives_back_the_whole_database(request: pytest.FixtureRequest, source: str, missing: URL, file: Path):
    """Schema, rows and rules are as they were; the database is made if it is missing, and nobody has to say so twice."""
    live: URL = request.getfixturevalue(source)
    backup(live, file)
    done = run("restore", str(file), plain(missing), "--json")
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")
    result = json.loads(done.stdout)
    assert result["ok"] is True
    assert result["written"] is None
    assert dump(missing) == dump(live)
    assert v0_content(missing) == v0_content(live)


def test_settings_of_the_database_come_back(book_database: URL, empty_database: URL, file: Path):
    """What ALTER DATABASE SET said is no part of a dump, and applications rely on it."""
    name = book_database.database
    run_sql(
        book_database,
        f"ALTER DATABASE {name} SET search_path = \"$user\", public, 'Odd schema'",
        f"ALTER DATABASE {name} SET TimeZone = 'Asia/Dubai'",
        f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET work_mem = '5MB'",
    )
    backup(book_database, file)
    assert restore(file, empty_database).problems == ()
    shown = "SELECT current_setting('search_path'), current_setting('TimeZone'), current_setting('work_mem')"
    assert rows(book_database, shown) == [('"$user", public, "Odd schema"', "Asia/Dubai", "5MB")]
    assert rows(empty_database, shown) == rows(book_database, shown)


def test_a_database_that_holds_something_is_refused(book_database: URL, head_database: URL, file: Path):
    """Nobody restores over a living database by a slip of the pen."""
    backup(book_database, file)
    before = dump(head_database)
    done = run("restore", str(file), plain(head_database))
    assert done.returncode == ExitCode.USAGE
    assert "is not empty" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert dump(head_database) == before


def test_a_damaged_backup_creates_nothing(book_database: URL, missing: URL, file: Path, databases: Databases):
    """The file is read to its end before the database is made."""
    backup(book_database, file)
    os.truncate(file, file.stat().st_size - 1)
    with pytest.raises(DamagedError, match="it was cut off or changed"):
        restore(file, missing)
    assert not _exists(databases, missing)


def test_a_stopped_restore_leaves_no_half_database(book_database: URL, missing: URL, file: Path, databases: Databases):
    """Ctrl-C while it is measured: the database that was made is dropped, and the command can be run again."""
    backup(book_database, file)
    seen = []

    def stop(what: str, done: int, total: int | None) -> None:
        if what == "measured":
            seen.append(_exists(databases, missing))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(file, missing, progress=stop)
    assert seen == [True]
    assert not _exists(databases, missing)
    assert restore(file, missing).complete


def test_a_role_that_is_missing_is_said(book_database: URL, missing: URL, empty_database: URL, file: Path, databases: Databases):
    """Rights of the application are part of a restore: a server without its role is told so, unless they are left out."""
    run_sql(databases.admin_url, "CREATE ROLE rently_test_reader")
    try:
        run_sql(book_database, "GRANT SELECT ON public.loan TO rently_test_reader")
        backup(book_database, file)
        run_sql(book_database, "DROP OWNED BY rently_test_reader")
    finally:
        run_sql(databases.admin_url, "DROP ROLE rently_test_reader")
    result = restore(file, missing)
    assert result.differences == ()
    assert [problem.split(": ")[1] for problem in result.problems] == ['role "rently_test_reader" does not exist']
    assert restore(file, empty_database, owners=False).complete


def _edit(url: URL) -> None:
    """What a busy day does to the book, one change of each kind; `lost` names them."""
    run_sql(
        url,
        "INSERT INTO public.party (id, kind, display_name) VALUES (md5('new')::uuid, 'individual', 'Né 50 % \"new\" \\ one')",
        "UPDATE public.loan SET interest_rate = interest_rate * 1.0 WHERE id = (SELECT min(id::text)::uuid FROM public.loan)",
        "DELETE FROM public.document_link WHERE id = (SELECT max(id::text)::uuid FROM public.document_link)",
    )


@pytest.mark.parametrize("source", ["book_database", "v1_book"])
def test_rows_written_since_the_backup_are_listed(request: pytest.FixtureRequest, source: str, empty_database: URL, file: Path):
    """New, changed and deleted rows, each once with its whole content, and no other row; the exit code says there are some."""
    live: URL = request.getfixturevalue(source)
    out = file.with_name("lost.jsonl")
    ids = {
        "new": rows(live, "SELECT md5('new')::uuid::text"),
        "changed": rows(live, "SELECT min(id::text) FROM public.loan"),
        "deleted": rows(live, "SELECT max(id::text) FROM public.document_link"),
    }
    ((rate,),) = rows(live, f"SELECT interest_rate::text FROM public.loan WHERE id = '{ids['changed'][0][0]}'")
    backup(live, file)
    _edit(live)
    done = run("restore", str(file), plain(empty_database), "--compare", plain(live), "--written-since", str(out), "--json")
    assert (done.returncode, done.stderr) == (ExitCode.FINDINGS, "")
    result = json.loads(done.stdout)
    assert result["ok"] is True
    assert {(found["table"], found["new"], found["changed"], found["deleted"], found["note"]) for found in result["written"]} == {
        ("party", 1, 0, 0, None),
        ("loan", 0, 1, 0, None),
        ("document_link", 0, 0, 1, None),
    }
    listed = [json.loads(line, parse_float=str) for line in out.read_text().splitlines()]
    assert {(row["kind"], (row["live"] or row["backup"])["id"]) for row in listed} == {(kind, key) for kind, ((key,),) in ids.items()}
    by_kind = {row["kind"]: row for row in listed}
    assert by_kind["new"]["live"]["display_name"] == 'Né 50 % "new" \\ one'
    assert by_kind["new"]["backup"] is None
    assert by_kind["deleted"]["live"] is None
    assert set(by_kind["changed"]["columns"]) - {"updated_at"} == {"interest_rate"}
    # The digits as they are stored: 0.12 is not 0.120.
    assert (by_kind["changed"]["backup"]["interest_rate"], by_kind["changed"]["live"]["interest_rate"]) == (rate, f"{rate}0")
    assert out.stat().st_mode & 0o777 == 0o600


def test_the_comparison_can_be_made_again_after_writes_have_ended(book_database: URL, empty_database: URL, file: Path):
    """Restoring takes long, comparing does not: the list is made when the applications are stopped, just before the switch."""
    backup(book_database, file)
    assert run("restore", str(file), plain(empty_database)).returncode == ExitCode.DONE
    again = ("restore", str(file), plain(empty_database), "--compare", plain(book_database), "--compare-only")
    nothing = run(*again)
    assert (nothing.returncode, nothing.stderr) == (ExitCode.DONE, "")
    assert "written nothing since" in nothing.stdout
    _edit(book_database)
    some = run(*again)
    assert some.returncode == ExitCode.FINDINGS
    assert "3 rows would be lost" in some.stdout
    assert max(len(line) for line in some.stdout.splitlines()[:-1]) <= 100


def test_the_migrations_own_repairs_are_not_taken_for_the_business(databases: Databases, empty_database: URL, file: Path):
    """Back to a v0 backup from a migrated database: what the migration itself changed or worked out is told from what people wrote."""
    with databases.database() as live:
        write_v0_book(live, 60, dirty="repairable")
        backup(live, file)
        upgrade(live)
        assert restore(file, empty_database).complete
        every = written_since(live, empty_database)
        figures = [table for table in every if table.table.startswith("analytics.") and table.by_migration]
        assert "analytics.loan_state" in {table.table for table in figures}
        assert {(table.rows, table.note) for table in figures} == {(0, WORKED_OUT)}
        migrated = {table.table: table for table in every if table.table in v0_content(live)}
        assert sum(table.rows for table in migrated.values()) == 0
        assert sum(table.by_migration for table in migrated.values()) >= 50
        ((repaired,),) = rows(
            live, "SELECT row_id FROM ops.row_journal WHERE table_name = 'party' AND column_name = 'display_name' ORDER BY id LIMIT 1"
        )
        run_sql(live, f"UPDATE public.party SET display_name = 'Found out who it is' WHERE id = '{repaired}'")
        after = {table.table: table for table in written_since(live, empty_database) if table.table in migrated}
    assert {name for name in after if after[name].rows} == {"party"}
    assert (after["party"].changed, after["party"].by_migration) == (1, migrated["party"].by_migration - 1)


def test_tables_of_any_kind_are_compared(book_database: URL, empty_database: URL, file: Path):
    """Keys of two columns, keys that are words in any script, no key at all, a table that only one side has."""
    run_sql(
        book_database,
        "CREATE TABLE public.pair (a text, b date, n numeric, PRIMARY KEY (b, a))",
        """INSERT INTO public.pair SELECT word, date '2026-01-01' + day, day
        FROM unnest(ARRAY['a', 'B', 'é', 'Z', '日', '😀', '', E'\\\\ '',"']) AS word, generate_series(1, 50) AS day""",
        "CREATE TABLE public.keyless (x integer)",
        "CREATE TABLE public.gone (x integer)",
        "INSERT INTO public.gone VALUES (1)",
    )
    backup(book_database, file)
    restore(file, empty_database)
    assert not [found for found in written_since(book_database, empty_database) if found.rows or found.note]
    run_sql(
        book_database,
        "UPDATE public.pair SET n = -1 WHERE b = '2026-01-20'",
        "DELETE FROM public.pair WHERE a = '😀' AND b > '2026-02-01'",
        "INSERT INTO public.pair VALUES ('ä', 'infinity', 'NaN')",
        "INSERT INTO public.keyless VALUES (1)",
        "DROP TABLE public.gone",
        "CREATE TABLE public.come AS SELECT 1 AS x",
    )
    found = {table.table: table for table in written_since(book_database, empty_database) if table.rows or table.note}
    assert found == {
        "pair": TableWrites("pair", new=1, changed=8, deleted=19),
        "keyless": TableWrites("keyless", note="its content differs; without a primary key its rows can't be told apart"),
        "gone": TableWrites("gone", deleted=1, note="the live database does not have this table"),
        "come": TableWrites("come", new=1, note="the backup does not have this table"),
    }


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 2)), st.dictionaries(st.text(max_size=3), st.integers(0, 2)))
def test_merging_finds_exactly_what_differs(before: dict[str, int], after: dict[str, int]):
    """Whatever was written: every row that differs is found, once, and no other."""
    found = list(_merged(iter(sorted(before.items())), iter(sorted(after.items()))))
    assert sorted(found) == sorted(
        [("new", key) for key in after.keys() - before.keys()]
        + [("deleted", key) for key in before.keys() - after.keys()]
        + [("changed", key) for key in before.keys() & after.keys() if before[key] != after[key]]
    )


def test_a_database_is_not_compared_with_itself(book_database: URL, empty_database: URL):
    """The live database named twice would show that nothing was written."""
    check_source(book_database, empty_database)
    with pytest.raises(BackupError, match="is the database to restore into"):
        check_source(book_database, book_database)


def test_a_wrong_call_is_found_out_before_the_work(book_database: URL, missing: URL, file: Path, databases: Databases):
    """An hour of restoring is not thrown away for a name that was wrong from the beginning."""
    backup(book_database, file)
    for arguments, said in [
        (("--written-since", str(file.with_name("out"))), "need --compare"),
        (("--compare", plain(book_database), "--written-since", str(file)), "may list rows that nobody has saved yet"),
        (("--compare", "postgresql://u:geheim@127.0.0.1:1/x"), "no server answers at this address"),
    ]:
        done = run("restore", str(file), plain(missing), *arguments)
        assert done.returncode == ExitCode.USAGE
        assert said in done.stderr
        assert "geheim" not in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not _exists(databases, missing)


def test_databases_are_switched_by_renaming(book_database: URL, missing: URL, file: Path, databases: Databases):
    """The switch of the runbook: stop writes, compare, rename; the old database stays, and applications keep their URL."""
    live, restored = book_database.database, missing.database
    backup(book_database, file)
    run_sql(databases.admin_url, f"ALTER DATABASE {live} SET default_transaction_read_only = on")
    assert restore(file, missing).complete
    run_sql(
        databases.admin_url,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('{live}', '{restored}')",
        f"ALTER DATABASE {live} RENAME TO {live}_before",
        f"ALTER DATABASE {restored} RENAME TO {live}",
    )
    try:
        run_sql(book_database, "INSERT INTO public.fx_rate (id) VALUES (md5('after the switch')::uuid)")
        assert rows(book_database.set(database=f"{live}_before"), "SHOW default_transaction_read_only") == [("on",)]
    finally:
        run_sql(databases.admin_url, f"DROP DATABASE {live}_before")
