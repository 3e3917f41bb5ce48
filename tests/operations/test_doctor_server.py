"""Doctor on servers with settings of their own, behind poolers, and on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extras import LogicalReplicationConnection
from sqlalchemy import URL

from rently_db.database import DatabaseUrlError, PoolerError, parse_url
from rently_db.operations.doctor import Line, Status, examine
from rently_db.operations.doctor.connection import encryption
from rently_db.operations.doctor.server import version
from rently_db.operations.doctor.space import enough_memory, room
from rently_db.operations.forecast import readable
from rently_db.server import Server, installed_server
from tests.support.looks import PASSWORD, role, with_password
from tests.support.migrations import connect, plain, rows, run_sql
from tests.support.pgbouncer import pgbouncer


def serious(url: URL, patience: float = 0) -> dict[str, Line]:
    """Every line that is not ok, by name."""
    return {line.name: line for line in examine(url, patience=patience).lines if line.status is not Status.OK}


@pytest.fixture(scope="module")
def odd_server() -> Iterator[URL]:
    """A server whose administrator chose otherwise."""
    wanted = os.environ.get("RENTLY_TEST_PG")
    settings = {
        "timezone": "Asia/Tokyo",
        "wal_level": "logical",
        "max_prepared_transactions": "5",
        "max_locks_per_transaction": "10",
        "max_connections": "20",
        "autovacuum": "off",
        "archive_mode": "on",
        "archive_command": "/bin/false",
        "shared_preload_libraries": "pg_stat_statements",
        "idle_in_transaction_session_timeout": "90s",
    }
    with Server(installed_server(wanted) if wanted else None, tcp=True, settings=settings) as server:
        yield parse_url(server.url())


def test_settings_that_hurt_are_named(odd_server: URL):
    """Each setting that a migration would feel has its line, with the statement that changes it."""
    run_sql(odd_server, "SELECT pg_logical_emit_message(false, '', '')", "SELECT pg_switch_wal()")
    while not rows(odd_server, "SELECT FROM pg_stat_archiver WHERE failed_count > 0"):
        time.sleep(0.05)
    lines = serious(odd_server)
    mends = {name: line.mend for name, line in lines.items()}
    assert set(mends) == {
        "pg_stat_statements",
        "pg_cron",
        "max_locks_per_transaction",
        "autovacuum",
        "WAL archive",
        "idle_in_transaction_session_timeout",
        "time zone of the server",
    }
    assert mends["pg_stat_statements"] == "as a superuser: CREATE EXTENSION pg_stat_statements;"
    assert "ALTER SYSTEM SET max_locks_per_transaction = " in str(mends["max_locks_per_transaction"])
    assert "ALTER SYSTEM SET autovacuum = on;" in str(mends["autovacuum"])
    assert mends["idle_in_transaction_session_timeout"] == (
        "ALTER ROLE postgres IN DATABASE postgres SET idle_in_transaction_session_timeout = 0;"
    )
    assert lines["time zone of the server"].status is Status.MISSING
    assert lines["time zone of the server"].mend == "ALTER DATABASE postgres SET timezone = 'UTC';"


def test_the_mends_mend(odd_server: URL):
    """Who runs the lines that doctor prints does not read them again."""
    names = {"pg_stat_statements", "idle_in_transaction_session_timeout", "time zone of the server"}
    lines = serious(odd_server)
    assert names <= set(lines)
    run_sql(odd_server, *(str(lines[name].mend).removeprefix("as a superuser: ") for name in names))
    left = serious(odd_server)
    run_sql(odd_server, "DROP EXTENSION pg_stat_statements", "ALTER ROLE postgres IN DATABASE postgres RESET ALL")
    run_sql(odd_server, "ALTER DATABASE postgres RESET timezone")
    assert not names & set(left)


def test_a_hidden_time_zone_of_the_server_is_a_warning(odd_server: URL):
    """A role with a time zone of its own can't see the server's, which others get; it says so instead of calling it sound."""
    with role(odd_server, "zoned", "ALTER ROLE zoned SET timezone = 'UTC'") as url:
        line = serious(url)["time zone of the server"]
    assert line.status is Status.WARNING
    assert "can't be seen by zoned" in line.found


def test_a_prepared_transaction_is_named(odd_server: URL):
    """A transaction that somebody prepared and forgot keeps its locks over restarts."""
    with closing(connect(odd_server)) as connection, connection.cursor() as cursor:
        for statement in ("BEGIN", "CREATE TABLE forgotten ()", "PREPARE TRANSACTION 'o''clock'"):
            cursor.execute(statement)
    line = serious(odd_server)["prepared transactions"]
    run_sql(odd_server, "ROLLBACK PREPARED 'o''clock'")
    assert line.mend == "COMMIT PREPARED 'o''clock'; or ROLLBACK PREPARED 'o''clock';"
    assert "prepared transactions" not in serious(odd_server)


def test_a_reader_of_changes_is_named(odd_server: URL):
    """Change data capture gets every row the upgrade fills; its owner must know before."""
    run_sql(odd_server, "CREATE TABLE loan (id int PRIMARY KEY)", "CREATE PUBLICATION cdc FOR TABLE loan")
    opened = closing(psycopg2.connect(plain(odd_server), connection_factory=LogicalReplicationConnection))
    with opened as connection, connection.cursor() as cursor:
        cursor.create_replication_slot("cdc", output_plugin="pgoutput")
        cursor.start_replication("cdc", options={"proto_version": "1", "publication_names": "cdc"})
        reading = serious(odd_server)
    while rows(odd_server, "SELECT FROM pg_replication_slots WHERE active"):
        time.sleep(0.01)
    idle = serious(odd_server)
    run_sql(odd_server, "SELECT pg_drop_replication_slot('cdc')", "DROP PUBLICATION cdc", "DROP TABLE loan")
    assert "v1's new columns" in reading["slot cdc"].found
    assert idle["slot cdc"].mend == "start its reader, or SELECT pg_drop_replication_slot('cdc');"
    assert "publishes 1 of Rently's tables" in reading["publication cdc"].found


def test_a_demanded_standby_that_is_not_there_is_missing(odd_server: URL):
    """A server that waits for a standby which is not there would hang at the first commit."""
    run_sql(odd_server, "ALTER SYSTEM SET synchronous_standby_names = 'far_away'", "SELECT pg_reload_conf()")
    try:
        while rows(odd_server, "SHOW synchronous_standby_names") != [("far_away",)]:
            time.sleep(0.01)
        line = serious(odd_server)["synchronous_standby_names"]
    finally:
        run_sql(odd_server, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    assert line.status is Status.MISSING
    assert "every commit waits" in line.found


@pytest.mark.parametrize(
    ("address", "encrypted", "status", "part"),
    [
        ("postgresql://u@/d?host=/run/postgresql", False, "ok", "unix socket"),
        ("postgresql://u@127.0.0.1/d", False, "ok", "stays on this host"),
        ("postgresql://u@db.example/d", False, "warning", "not encrypted"),
        ("postgresql://u@10.0.0.7/d", False, "warning", "not encrypted"),
        ("postgresql://u@db.example/d", True, "ok", "not verified (sslmode=prefer"),
        ("postgresql://u@db.example/d?sslmode=verify-full", True, "ok", "is verified"),
    ],
)
def test_what_encryption_is_worth(address: str, encrypted: bool, status: str, part: str):
    """Over a network passwords and clients' data must be encrypted, on one host they need not be."""
    answer = encryption(parse_url(address), encrypted=encrypted)
    assert str(answer.status) == status
    assert part in answer.found


@pytest.mark.parametrize(("number", "status"), [(110022, "missing"), (120022, "ok"), (180006, "ok"), (190001, "warning")])
def test_old_and_unknown_servers(number: int, status: str):
    """PostgreSQL before 12 is refused; one that this release was never tried with is pointed out."""

    class Server:
        version = number

        def value(self, _query: str) -> str:
            return f"{number // 10000}.{number % 10000}"

    (answer,) = version(Server())  # type: ignore[arg-type]
    assert str(answer.status) == status


@pytest.mark.parametrize(("free", "status"), [(300, "ok"), (299, "warning"), (100, "warning"), (99, "missing"), (49, "missing")])
def test_too_little_disk_stops_before_the_server_does(free: int, status: str):
    """200 of data and 100 of WAL: it fits, it fits while WAL is recycled, or it does not fit."""
    answer = room("disk", Path("/data"), free << 20, 100 << 20, 200 << 20)
    assert str(answer.status) == status
    if status == "missing":
        assert f"make {readable((300 - free) << 20)} free in /data" in str(answer.mend)


def test_more_memory_than_there_is_is_a_warning():
    """An index build that swaps takes a night."""
    assert enough_memory(4 << 30, 8 << 30).status is Status.OK
    assert enough_memory(4 << 30, 2 << 30).mend == "ALTER SYSTEM SET maintenance_work_mem = '512MB'; SELECT pg_reload_conf();"


def test_a_pool_in_transaction_mode_is_missing_and_the_rest_is_told_all_the_same(book_database: URL):
    """Behind such a pool doctor reads the server as it would without; and says that no migration goes through it."""
    direct = {line.name: line.status for line in examine(book_database).lines}
    with pgbouncer(book_database, "transaction", default_pool_size=1) as url:
        through = {line.name: line for line in examine(url).lines}
    line = through["pooling"]
    assert line.status is Status.MISSING
    assert "in transaction mode" in line.found
    assert line.mend == "connect to PostgreSQL itself, or to a pool with pool_mode=session"
    assert {name: line.status for name, line in through.items()} == {**direct, "pooling": Status.MISSING}


def test_other_pools(book_database: URL):
    """Session mode is fine; with statement mode nothing but that can be said; a pool that is too small is an error."""
    with pgbouncer(book_database, "session") as url:
        assert {line.name: str(line.status) for line in examine(url).lines}["pooling"] == "ok"
    with pgbouncer(book_database, "statement") as url:
        assert [(line.name, str(line.status)) for line in examine(url).lines] == [("pooling", "missing")]
    with pgbouncer(book_database, "session", default_pool_size=1, query_wait_timeout=1) as url, pytest.raises(PoolerError):
        examine(url)


def test_an_unreachable_server_is_one_sentence():
    """A wrong address is not a finding but an error."""
    with pytest.raises(DatabaseUrlError, match="no server answers at this address"):
        examine(parse_url(f"postgresql://u:{PASSWORD}@127.0.0.1:1/d"))


def run_doctor(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command, on a terminal of 80 columns."""
    command = [sys.executable, "-m", "rently_db", "doctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "80"})


def test_the_command_prints_and_ends_as_scripts_need_it(book_database: URL):
    """Exit code 0 without missing lines, 1 with one, 2 for a wrong address; --json alone on stdout; never a password."""
    address = plain(with_password(book_database))
    sound = run_doctor(address, "--json")
    assert (sound.returncode, sound.stderr) == (0, "")
    report = json.loads(sound.stdout)
    assert list(report) == ["url", "checks", "summary"]
    assert {tuple(line) for line in report["checks"]} == {("area", "name", "status", "found", "mend")}
    assert sum(report["summary"].values()) == len(report["checks"])
    assert report["summary"]["missing"] == 0

    run_sql(book_database, f"ALTER DATABASE {book_database.database} SET timezone = 'Asia/Tokyo'")
    told = run_doctor(address)
    assert told.returncode == 1
    assert f"-> ALTER DATABASE {book_database.database} SET timezone = 'UTC';\n" in told.stdout
    assert all(len(line) <= 80 for line in told.stdout.splitlines() if not line.lstrip().startswith(("->", "postgresql")))

    wrong = run_doctor(f"postgresql://u:{PASSWORD}@127.0.0.1:1/d")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert len(wrong.stderr.splitlines()) == 1
    assert PASSWORD not in sound.stdout + told.stdout + told.stderr + wrong.stderr
