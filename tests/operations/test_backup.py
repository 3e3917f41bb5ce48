"""Backups hold one moment, are complete or not there, and are proved by restoring them."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from rently_db.cli.exit_codes import ExitCode
from rently_db.database import client_address, parse_url
from rently_db.migrate.content import TABLES
from rently_db.models import metadata
from rently_db.operations.backup import BackupError, Manifest, backup, dump, verify
from rently_db.operations.backup.manifest import manifest_path, read_manifest
from rently_db.operations.backup.restoring import _sorted
from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.migrations import HEAD, ROOT, connect, plain, rows, run_sql

COMMAND = [sys.executable, "-c", "from rently_db.cli import main; main()"]
SCRATCH = "SELECT datname FROM pg_database WHERE datname LIKE 'rently_verify%'"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`rently-db` as a shell would start it."""
    env = {**os.environ, **environment}
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "rently.dump"


@pytest.fixture(params=["book_database", "v1_book"])
def database(request: pytest.FixtureRequest) -> URL:
    """A v0 database, and one at head."""
    url = request.getfixturevalue(request.param)
    assert isinstance(url, URL)
    return url


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_backup_is_taken_and_proved(database: URL, file: Path, jobs: str):
    """The two commands of the runbook: a backup of v0 and of head restores elsewhere, every table with every row."""
    taken = run("backup", plain(database), str(file), "--jobs", jobs, "--json")
    assert (taken.returncode, taken.stderr) == (ExitCode.DONE, "")
    said = json.loads(taken.stdout)
    assert said["revision"] == (None if said["tables"] == 20 else HEAD)
    proved = run("backup", "verify", str(file), "--jobs", jobs, "--json")
    assert (proved.returncode, proved.stderr) == (ExitCode.DONE, "")
    result = json.loads(proved.stdout)
    assert result["ok"] is True
    assert (result["problems"], result["differences"]) == ([], [])
    found = {table["table"]: table["found_rows"] for table in result["tables"]}
    assert found.keys() >= (set(TABLES) if said["revision"] is None else set(metadata.tables))
    for table in TABLES:
        assert [(found[table],)] == rows(database, f"SELECT count(*) FROM public.{table}")
    assert said["rows"] == sum(found.values())


def test_the_database_may_be_named_by_the_environment(book_database: URL, file: Path):
    """`rently-db backup FILE` backs up the database of RENTLY_DATABASE_URL, and says in words what to do next."""
    done = run("backup", str(file), RENTLY_DATABASE_URL=plain(book_database))
    assert done.returncode == ExitCode.DONE
    assert f"rently-db backup verify {file}" in done.stdout
    shown = run("backup", "verify", str(file))
    assert shown.returncode == ExitCode.DONE
    assert "amortisation_line" in shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines()[:-1]) <= 80


def test_dump_and_record_are_of_one_moment(v1_book: URL, file: Path, monkeypatch: pytest.MonkeyPatch):
    """What is committed after the backup began is neither in the file nor in its record."""
    launch = dump.running
    before = rows(v1_book, "SELECT count(*) FROM public.party")

    def late(*arguments: Any, **options: Any) -> Any:
        run_sql(v1_book, "INSERT INTO public.party (id, kind, display_name) VALUES (md5('late')::uuid, 'individual', 'Late')")
        return launch(*arguments, **options)

    monkeypatch.setattr(dump, "running", late)
    manifest = backup(v1_book, file)
    assert [(manifest.contents["party"].rows,)] == before
    assert rows(v1_book, "SELECT count(*) FROM public.party") == [(before[0][0] + 1,)]
    assert verify(file).complete


def test_a_backup_is_for_its_owner_alone(book_database: URL, file: Path):
    """The file holds every borrower's data: nobody else on the machine may read it."""
    backup(book_database, file)
    assert sorted(path.name for path in file.parent.iterdir()) == ["rently.dump", "rently.dump.json"]
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}


def test_an_existing_file_is_never_written_over(book_database: URL, file: Path):
    """Last night's backup survives a command that names it again."""
    file.write_text("last night's")
    done = run("backup", plain(book_database), str(file))
    assert done.returncode == ExitCode.USAGE
    assert done.stderr == f"rently-db: {file} exists, and a backup is never written over; give another name, or remove it\n"
    assert file.read_text() == "last night's"


def test_two_backups_do_not_write_into_one_file(book_database: URL, file: Path):
    """The second one is told that another, or the pg_dump of one that was killed, still writes."""
    with (file.parent / "rently.dump.part").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="is being written by another backup"):
            backup(book_database, file)
    backup(book_database, file)  # what a killed run has left is no obstacle
    assert verify(file).complete


def test_a_user_who_may_not_read_is_told_in_one_sentence(book_database: URL, file: Path, databases: Databases):
    """Rights are missing: one sentence with the mend, exit code 2, and no file that looks like a backup."""
    run_sql(databases.admin_url, "CREATE ROLE rently_test_reader LOGIN")
    try:
        done = run("backup", plain(book_database.set(username="rently_test_reader")), str(file))
    finally:
        run_sql(databases.admin_url, "DROP ROLE rently_test_reader")
    assert done.returncode == ExitCode.USAGE
    assert "permission denied for table" in done.stderr
    assert "back up as the owner" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(file.parent.iterdir()) == []


def test_an_unknown_server_or_place_is_one_sentence(book_database: URL, file: Path):
    """Wrong host, wrong database, wrong directory: exit code 2, a sentence, no traceback."""
    for url, place in [
        ("postgresql://u:geheim@127.0.0.1:1/x", file),
        (plain(book_database.set(database="no_such")), file),
        (plain(book_database), file / "no" / "such"),
    ]:
        done = run("backup", url, str(place))
        assert (done.returncode, len(done.stderr.splitlines())) == (ExitCode.USAGE, 1)
        assert "geheim" not in done.stderr
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_backup_leaves_nothing(book_database: URL, file: Path, signum: signal.Signals):
    """Ctrl-C in the middle: no file that looks complete, no pg_dump, no session; and no password in the list of processes."""
    blocker = connect(book_database)
    blocker.autocommit = False
    with blocker, blocker.cursor() as cursor:
        cursor.execute("LOCK TABLE public.loan IN ACCESS EXCLUSIVE MODE")
        command = [*COMMAND, "backup", str(file)]
        env = {**os.environ, "RENTLY_DATABASE_URL": plain(book_database.set(password="geheim"))}
        with subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as process:
            waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            _until(lambda: len(rows(book_database, waiting)) >= 2)  # pg_dump and a measuring session
            dumps = [line for path in Path("/proc").glob("[0-9]*/cmdline") if str(file) in (line := _read(path)) and "pg_dump" in line]
            process.send_signal(signum)
            _, said = process.communicate(timeout=30)
    blocker.close()
    assert process.returncode == ExitCode.RESUMABLE
    assert said == "rently-db: stopped; what was made is removed, run it again when you like\n"
    assert list(file.parent.iterdir()) == []
    assert len(dumps) == 1
    assert "geheim" not in dumps[0]
    ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    _until(lambda: rows(book_database, ours) == [(0,)])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended
        return ""


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("what the test waits for does not come about")


@pytest.mark.parametrize("url", ["postgresql://u:ge%40heim@h/d?sslmode=require", "postgresql://u@h/d?sslmode=require&password=ge%40heim"])
def test_pg_dump_gets_the_password_where_other_users_cannot_read_it(url: str):
    """Wherever the URL holds the password, the command line of pg_dump does not."""
    assert client_address(parse_url(url)) == ("postgresql://u@h/d?sslmode=require", {"PGPASSWORD": "ge@heim"})


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _record(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    record = json.loads(manifest_path(file).read_text())
    change(record)
    manifest_path(file).write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("damage", "code", "said"),
    [
        (_flip, ExitCode.FINDINGS, "its SHA-256 differs from its record"),
        (lambda file: os.truncate(file, file.stat().st_size - 100), ExitCode.FINDINGS, "it was cut off or changed"),
        (lambda file: manifest_path(file).unlink(), ExitCode.USAGE, "is missing, which says what rently.dump must hold"),
        (lambda file: file.unlink(), ExitCode.USAGE, "there is no backup file"),
        (lambda file: manifest_path(file).write_text("{"), ExitCode.FINDINGS, "can't be read"),
        (lambda file: _record(file, lambda record: record.pop("tables")), ExitCode.FINDINGS, "is not a complete record"),
        (lambda file: _record(file, lambda record: record.update(format=1)), ExitCode.USAGE, "is of format 1, this rently-db reads 2"),
    ],
)
def test_a_damaged_backup_is_found_out(book_database: URL, file: Path, damage: Callable[[Path], None], code: int, said: str):
    """A flipped bit, a missing end, a lost record: verification says which, in one sentence, and its exit code says it to a script."""
    backup(book_database, file)
    damage(file)
    done = run("backup", "verify", str(file))
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def altered(book_database: URL, file: Path) -> tuple[Path, Manifest]:
    """A backup whose record is that of the database as it was before one borrower was renamed and one payment deleted."""
    before = backup(book_database, file.with_name("before"))
    run_sql(
        book_database,
        "UPDATE public.party SET display_name = 'Somebody else' WHERE id = (SELECT id FROM public.party LIMIT 1)",
        "UPDATE security_interest SET value_amount = value_amount + 0.01 WHERE id = (SELECT min(id::text)::uuid FROM security_interest)",
        "DELETE FROM public.fx_rate WHERE id = (SELECT id FROM public.fx_rate LIMIT 1)",
    )
    after = backup(book_database, file)
    replace(before, size=after.size, sha256=after.sha256).write(manifest_path(file))
    return file, before


def test_a_restored_row_that_differs_is_found_out(altered: tuple[Path, Manifest]):
    """The list of contents of both files is the same; only restoring and comparing shows that they differ, and where."""
    file, _ = altered
    done = run("backup", "verify", str(file), "--json")
    assert done.returncode == ExitCode.FINDINGS
    result = json.loads(done.stdout)
    assert result["ok"] is False
    assert [table["table"] for table in result["tables"] if not table["equal"]] == ["fx_rate", "party", "security_interest"]
    kinds = [sentence.split(" was ")[0] for sentence in result["differences"]]
    assert kinds[0] == "fx_rate: the number of rows"
    assert kinds[1] == "party: the content of its rows differs"
    assert kinds[2].startswith("security_interest: the sum of value_amount in ")
    assert "DIFFERENT" in run("backup", "verify", str(file)).stdout


def test_a_given_server_is_left_as_it_was(book_database: URL, file: Path, databases: Databases):
    """The scratch database is gone afterwards, also when the operator stops in the middle or the backup is not good."""
    backup(book_database, file)
    before = rows(databases.admin_url, SCRATCH)
    assert run("backup", "verify", str(file), "--server", plain(databases.admin_url)).returncode == ExitCode.DONE
    seen = []

    def stop(what: str, done: int, total: int | None) -> None:
        if what == "measured":
            seen.extend(rows(databases.admin_url, SCRATCH))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(file, server=databases.admin_url, progress=stop)
    assert len(seen) == len(before) + 1
    assert rows(databases.admin_url, SCRATCH) == before


def test_a_server_that_is_older_is_refused(book_database: URL, file: Path, databases: Databases):
    """A dump may hold SQL that an older server does not know: that is said before anything is created."""
    backup(book_database, file)
    _record(file, lambda record: record.update(server_version=990000))
    with pytest.raises(BackupError, match=r"the backup comes from PostgreSQL 99, .* name a server that is not older"):
        verify(file, server=databases.admin_url)


def test_a_broken_constraint_is_a_problem_and_a_missing_extension_a_note():
    """What pg_restore 18 printed on a server without pgcrypto, and what it prints when a foreign key does not hold."""
    said = """pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 3; 3079 20003 EXTENSION pgcrypto (no owner)
pg_restore: error: could not execute query: ERROR:  extension "pgcrypto" is not available
DETAIL:  Could not open extension control file: No such file or directory.
Command was: CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
pg_restore: from TOC entry 4171; 0 0 COMMENT EXTENSION pgcrypto
pg_restore: error: could not execute query: ERROR:  extension "pgcrypto" does not exist
pg_restore: from TOC entry 3600; 2606 21111 FK CONSTRAINT loan loan_product_id_fkey postgres
pg_restore: error: could not execute query: ERROR:  insert or update on table "loan" violates foreign key constraint
pg_restore: warning: errors ignored on restore: 3""".splitlines()
    problems, notes = _sorted(said)
    assert problems == [
        'FK CONSTRAINT loan loan_product_id_fkey postgres: insert or update on table "loan" violates foreign key constraint'
    ]
    assert notes == [
        'EXTENSION pgcrypto: extension "pgcrypto" is not available',
        'COMMENT EXTENSION pgcrypto: extension "pgcrypto" does not exist',
    ]


def test_a_table_that_breaks_a_rule_on_the_way_back_is_a_problem(book_database: URL, file: Path):
    """v0 rows that hold no reference any more (a constraint switched off and on again) don't pass as restored."""
    run_sql(
        book_database,
        "ALTER TABLE public.decision DISABLE TRIGGER ALL",
        "UPDATE public.decision SET application_id = md5('nobody')::uuid WHERE id = (SELECT id FROM public.decision LIMIT 1)",
        "ALTER TABLE public.decision ENABLE TRIGGER ALL",
    )
    backup(book_database, file)
    result = verify(file)
    assert result.differences == ()
    assert len(result.problems) == 1
    assert "decision_application_id_fkey" in result.problems[0]
    assert not result.complete


def test_dirty_rows_are_backed_up_as_they_are(databases: Databases, file: Path):
    """v0 holds whatever its applications wrote: NULLs, NaN, blanks, infinite dates. A backup gives exactly that back."""
    with databases.database() as url:
        write_v0_book(url, 60, dirty="all")
        run_sql(url, "INSERT INTO public.loan (id, principal_amount, end_date) VALUES (md5('odd')::uuid, 'NaN', 'infinity')")
        manifest = backup(url, file)
        assert str(manifest.contents["loan"].money["principal_amount", None]) == "NaN"
        assert read_manifest(file) != manifest  # NaN is not equal to itself
        assert read_manifest(file).as_json() == manifest.as_json()
        assert verify(file).complete
