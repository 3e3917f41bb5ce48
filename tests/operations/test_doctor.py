"""Doctor, one planted condition after the other: exactly its line appears."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import psycopg2
import pytest
from psycopg2.extras import PhysicalReplicationConnection
from sqlalchemy import URL
from sqlalchemy.exc import InternalError

from rently_db.database import make_engine
from rently_db.migrate.turn import one_at_a_time
from rently_db.operations import doctor
from rently_db.operations.doctor import Line, Report, Status, examine
from rently_db.operations.doctor.look import CHECKS
from tests.support.looks import PASSWORD, nothing_changes, role
from tests.support.migrations import connect, plain, rows, run_sql

ROLE = f"rently_doctor_{secrets.token_hex(4)}"
OTHER = f"{ROLE}_other"

Planted = Callable[[URL], AbstractContextManager[URL]]


def serious(report: Report) -> list[Line]:
    """Every line that is not ok."""
    return [line for line in report.lines if line.status is not Status.OK]


def new_lines(url: URL, plant: Planted) -> list[Line]:
    """The lines, other than ok, that are there because of what is planted."""
    before = serious(examine(url, patience=0))
    with plant(url) as planted:
        return [line for line in serious(examine(planted, patience=0)) if line not in before]


def sql(*statements: str, undo: tuple[str, ...] = ()) -> Planted:
    """Plant by statements, in which {db} is the database; `undo` is for what outlives it."""

    @contextmanager
    def plant(url: URL) -> Iterator[URL]:
        try:
            run_sql(url, *(statement.format(db=url.database) for statement in statements))
            yield url
        finally:
            run_sql(url, *(statement.format(db=url.database) for statement in undo))

    return plant


def somebody(*statements: str) -> Planted:
    """Plant by statements about a role that may log in, made for this while."""

    @contextmanager
    def plant(url: URL) -> Iterator[URL]:
        with role(url, ROLE, *(statement.format(db=url.database, role=ROLE) for statement in statements)):
            yield url

    return plant


@contextmanager
def idle(url: URL) -> Iterator[URL]:
    """A session that began a transaction and went for lunch."""
    with closing(psycopg2.connect(plain(url), application_name="report tool")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        yield url


@contextmanager
def working(url: URL) -> Iterator[URL]:
    """A session with a long statement."""
    with closing(psycopg2.connect(plain(url), application_name="batch job")) as connection:

        def sleep() -> None:
            with pytest.raises(psycopg2.Error), connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(600)")

        thread = threading.Thread(target=sleep)
        thread.start()
        try:
            while not rows(url, "SELECT FROM pg_stat_activity WHERE application_name = 'batch job' AND query ~ 'sleep'"):
                time.sleep(0.01)
            yield url
        finally:
            connection.cancel()
            thread.join()


@contextmanager
def standby(url: URL) -> Iterator[URL]:
    """A replica that has replayed nothing of the WAL, which is five files long at least."""
    run_sql(url, *["SELECT pg_logical_emit_message(false, '', '')", "SELECT pg_switch_wal()"] * 5)
    start = rows(url, "SELECT pg_current_wal_lsn()::text")[0][0]
    options = {"connection_factory": PhysicalReplicationConnection, "application_name": "standby1"}
    with closing(psycopg2.connect(plain(url), **options)) as connection, connection.cursor() as cursor:
        cursor.start_replication(start_lsn=start)
        cursor.send_feedback(write_lsn=1, flush_lsn=1, apply_lsn=1, force=True)
        while not rows(url, "SELECT FROM pg_stat_replication WHERE application_name = 'standby1' AND replay_lsn IS NOT NULL"):
            time.sleep(0.01)
        yield url


@contextmanager
def deploying(url: URL) -> Iterator[URL]:
    """Another deployment at work."""
    engine = make_engine(url)
    with one_at_a_time(engine):
        yield url
    engine.dispose()


def run_of(state: str, error: str = "NULL") -> Planted:
    """A recorded run, on a database whose records exist."""
    return sql(f"INSERT INTO ops.migration_run (direction, to_revision, state, error) VALUES ('up', 'v1', '{state}', {error})")


SUBSCRIPTION = "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false)"
NO_SUBSCRIPTION = ("ALTER SUBSCRIPTION s SET (slot_name = NONE)", "DROP SUBSCRIPTION s")
SLOT = f"slot_{ROLE}"
WRITES, READS = "GRANT INSERT ON loan TO {role}", "GRANT SELECT ON loan TO {role}"

# What is planted -> the lines that must appear: status, name, a part of what was found, a part of the mend.
CONDITIONS: dict[str, tuple[Planted, list[tuple[str, str, str, str]]]] = {
    "a writing role in another time zone": (
        somebody(WRITES, "ALTER ROLE {role} SET timezone = 'Asia/Singapore'"),
        [("missing", f"time zone of role {ROLE}", f"Asia/Singapore: role {ROLE} would write", f"ALTER ROLE {ROLE} SET timezone = 'UTC';")],
    ),
    "a writing role in another time zone in this database": (
        somebody(WRITES, "ALTER ROLE {role} SET timezone = 'UTC'", "ALTER ROLE {role} IN DATABASE {db} SET timezone = 'Asia/Dubai'"),
        [("missing", f"time zone of role {ROLE} in database", "Asia/Dubai", f"ALTER ROLE {ROLE} IN DATABASE ")],
    ),
    "a reading role in another time zone": (
        somebody(READS, "ALTER ROLE {role} SET timezone = 'Europe/London'"),
        [("warning", f"time zone of role {ROLE}", "Europe/London", f"ALTER ROLE {ROLE} SET timezone = 'UTC';")],
    ),
    "a role in a zone that is UTC by another name": (somebody(WRITES, "ALTER ROLE {role} SET timezone = 'Etc/GMT'"), []),
    "a role in another time zone elsewhere": (somebody(WRITES, "ALTER ROLE {role} IN DATABASE postgres SET timezone = 'Asia/Dubai'"), []),
    "a database in another time zone": (
        sql("ALTER DATABASE {db} SET timezone = 'Asia/Tokyo'"),
        [("missing", "time zone of database", "Asia/Tokyo: ", "ALTER DATABASE ")],
    ),
    "all roles in another time zone": (
        sql("ALTER ROLE ALL SET timezone = 'Asia/Tokyo'", undo=("ALTER ROLE ALL RESET timezone",)),
        [("missing", "time zone of all roles", "Asia/Tokyo: ", "ALTER DATABASE ")],
    ),
    "an application with a short lock_timeout": (
        somebody("ALTER ROLE {role} SET lock_timeout = '300ms'"),
        [
            (
                "warning",
                "lock_timeout",
                f"300ms for role {ROLE}: shorter than the lock budget (1 s)",
                f"ALTER ROLE {ROLE} SET lock_timeout = '2s'",
            )
        ],
    ),
    "an application with a long statement_timeout": (somebody("ALTER ROLE {role} SET statement_timeout = '30s'"), []),
    "a role whose sessions skip triggers": (
        somebody("ALTER ROLE {role} SET session_replication_role = replica"),
        [("missing", "session_replication_role", f"role {ROLE}", f"ALTER ROLE {ROLE} RESET session_replication_role;")],
    ),
    "a database that is read-only": (
        sql("ALTER DATABASE {db} SET default_transaction_read_only = on"),
        [("missing", "read only", "read-only here", "SET default_transaction_read_only = off;")],
    ),
    "a session idle in its transaction": (idle, [("warning", "idle in transaction", "(report tool of ", "SELECT pg_terminate_backend(")]),
    "a long statement": (working, [("warning", "long transaction", "(batch job of ", "SELECT pg_terminate_backend(")]),
    "a table without autovacuum": (
        sql("ALTER TABLE payment SET (autovacuum_enabled = off)"),
        [("warning", "autovacuum", "table payment", "ALTER TABLE public.payment RESET (autovacuum_enabled);")],
    ),
    "a big table and little memory for its indexes": (
        sql("UPDATE pg_class SET reltuples = 90000000 WHERE oid = 'amortisation_line'::regclass"),
        [
            ("warning", "maintenance_work_mem", "90,000,000 rows", "SET maintenance_work_mem = '1GB';"),
            ("warning", "max_wal_size", "checkpoints", "ALTER SYSTEM SET max_wal_size = "),
        ],
    ),
    "a slot that nobody reads": (
        sql(f"SELECT pg_create_physical_replication_slot('{SLOT}', true)", undo=(f"SELECT pg_drop_replication_slot('{SLOT}')",)),
        [("warning", f"slot {SLOT}", "nobody reads it", f"SELECT pg_drop_replication_slot('{SLOT}');")],
    ),
    "a replica that is behind": (
        standby,
        [
            ("warning", "replica standby1", "behind", "RENTLY_MAX_REPLICA_LAG"),
            ("warning", "queries on standby1", "hot_standby_feedback is off", "max_standby_streaming_delay"),
        ],
    ),
    "a publication": (
        sql("CREATE PUBLICATION p FOR TABLE loan, payment"),
        [("warning", "publication p", "publishes 2 of Rently's tables: ", "add v1's columns first")],
    ),
    "a publication of everything": (
        sql("CREATE PUBLICATION p FOR ALL TABLES"),
        [("warning", "publication p", "publishes 20 of Rently's tables, and will publish v1's new ones", "add v1's columns first")],
    ),
    "a publication of others' tables": (sql("CREATE TABLE theirs (id int PRIMARY KEY)", "CREATE PUBLICATION p FOR TABLE theirs"), []),
    "a subscription": (
        sql(SUBSCRIPTION, undo=NO_SUBSCRIPTION),
        [("warning", "subscription s", "without triggers", "ALTER SUBSCRIPTION s DISABLE;")],
    ),
    "a deployment at work": (deploying, [("warning", "at work", "a deployment is running", "rently-db status")]),
    "a table that lacks a column": (
        sql("ALTER TABLE loan DROP COLUMN status"),
        [("missing", "revision", "loan.status", "mend these differences")],
    ),
    "a database almost full of sessions": (
        sql("ALTER DATABASE {db} CONNECTION LIMIT 4"),
        [("warning", "connections", "the database has room for", "CONNECTION LIMIT -1;")],
    ),
    "no schema public": (
        sql("ALTER SCHEMA public RENAME TO hidden"),
        [("missing", "create in public", "no schema public", "CREATE SCHEMA public;")],
    ),
}


def agree(found: list[Line], expected: list[tuple[str, str, str, str]]) -> None:
    """The lines are these, no more and no less."""
    assert len(found) == len(expected), found
    for line, (status, name, part, mend) in zip(found, expected, strict=True):
        assert (str(line.status), line.name[: len(name)]) == (status, name)
        assert part in line.found
        assert mend in str(line.mend)


@pytest.mark.parametrize("name", CONDITIONS)
def test_each_condition_has_its_line(book_database: URL, name: str):
    """What would hurt a migration, or its users, is found before, and said with the line to run; nothing else changes."""
    plant, expected = CONDITIONS[name]
    agree(new_lines(book_database, plant), expected)


RECORDS: dict[str, tuple[Planted, list[tuple[str, str, str, str]]]] = {
    "a killed run": (run_of("running"), [("warning", "last run", "up to v1, ", "alembic upgrade v1 goes on from there")]),
    "a failed run": (run_of("failed", "'disk full'"), [("warning", "last run", "failed: disk full", "alembic upgrade v1 goes on")]),
    "a finished run": (run_of("done"), []),
    "lost records": (sql("DROP SCHEMA ops CASCADE"), [("missing", "revision", "without their records", "pg_restore --schema=ops")]),
}


@pytest.mark.parametrize("name", RECORDS)
def test_what_an_earlier_run_left_is_said(head_database: URL, name: str):
    """Who finds a database half way reads which command goes on."""
    plant, expected = RECORDS[name]
    agree(new_lines(head_database, plant), expected)


def test_a_plain_role_reads_what_it_lacks(book_database: URL, server_version: int):
    """Run as a role with few rights, doctor names every right that is lacking and what it could not see, and fails nowhere."""
    owner = rows(book_database, "SELECT current_user")[0][0]
    with role(book_database, ROLE) as url, idle(book_database):
        report = examine(url, patience=0)
    lines = {line.name: line for line in serious(report)}
    assert {name for name, line in lines.items() if line.status is Status.MISSING} == {
        "btree_gist",
        "create schemas",
        "tables",
        *(["create in public"] if server_version >= 150000 else []),
        *(["pgcrypto"] if server_version < 130000 else []),
    }
    assert lines["create schemas"].mend == f"as the database's owner: GRANT CREATE ON DATABASE {book_database.database} TO {ROLE};"
    assert lines["tables"].found == f"20 belong to role {owner} (first: amortisation_line), and {ROLE} is no member of it"
    assert "show role" in lines["old transactions"].found
    assert lines["old transactions"].mend == f"GRANT pg_read_all_stats TO {ROLE};"
    assert lines["disk"].mend == "look on the host: df -h of the data directory"
    assert PASSWORD not in repr(report)


def test_records_that_may_not_be_read_are_a_warning(head_database: URL):
    """Schema ops belongs to the role that deploys; another one is told so."""
    with role(head_database, ROLE) as url:
        lines = {line.name: line for line in serious(examine(url))}
    assert f"may not be read by role {ROLE}: permission denied for" in lines["revision"].found
    assert lines["revision"].status is Status.WARNING


def test_the_timeouts_of_the_deploying_role_are_named(book_database: URL, server_version: int):
    """A timeout meant for applications would end validations; it does not end the examination either."""
    names = ["statement_timeout", "idle_in_transaction_session_timeout"]
    names += ["idle_session_timeout"] * (server_version >= 140000) + ["transaction_timeout"] * (server_version >= 170000)
    settings = [f"ALTER ROLE {ROLE} SET {name} = '{400 if name == 'transaction_timeout' else 1}s'" for name in names]
    with role(book_database, ROLE, *settings, f"ALTER ROLE {ROLE} SET statement_timeout = '1ms'") as url:
        lines = {line.name: line for line in serious(examine(url))}
    for name in names:
        assert lines[name].mend == f"ALTER ROLE {ROLE} IN DATABASE {book_database.database} SET {name} = 0;"
        assert lines[name].status is Status.WARNING


def test_a_member_of_the_owner_needs_nothing(book_database: URL, server_version: int):
    """A deploy role of its own, in the owner's group, is as good as the owner."""
    grants = [f"CREATE ROLE {OTHER}", f"GRANT {OTHER} TO {ROLE}", f"GRANT CREATE ON DATABASE {book_database.database} TO {ROLE}"]
    grants += [
        f"GRANT ALL ON SCHEMA public TO {ROLE}",
        "CREATE EXTENSION btree_gist",
        *["CREATE EXTENSION pgcrypto"] * (server_version < 130000),
    ]
    tables = [name for (name,) in rows(book_database, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")]
    with role(book_database, ROLE, *grants, *(f"ALTER TABLE {table} OWNER TO {OTHER}" for table in tables)) as url:
        assert not examine(url).missing
        run_sql(book_database, f"REVOKE {OTHER} FROM {ROLE}")
        (line,) = [line for line in serious(examine(url)) if line.status is Status.MISSING]
        run_sql(book_database, f"DROP OWNED BY {OTHER} CASCADE", f"DROP ROLE {OTHER}")
    assert line.mend == f"connect as {OTHER}, or have it run: GRANT {OTHER} TO {ROLE};"


def test_looking_changes_nothing(book_database: URL):
    """Doctor reads only; it finds no line missing on a sound database, and every check answers."""
    with nothing_changes(book_database):
        report = examine(book_database)
    assert not report.missing
    assert {line.area for line in report.lines} == {area for area, _, _ in CHECKS}


def test_no_check_can_write(book_database: URL, monkeypatch: pytest.MonkeyPatch):
    """Whatever a check may come to do, the server refuses what is not reading."""
    monkeypatch.setattr(doctor, "CHECKS", [("server", "careless", lambda look: look.rows("DELETE FROM public.loan RETURNING id"))])
    with pytest.raises(InternalError, match="read-only transaction"):
        examine(book_database)


@pytest.mark.parametrize("driver", ["postgresql+psycopg2", "postgresql+psycopg"])
def test_either_driver_sees_the_same(book_database: URL, driver: str):
    """Which driver the URL names makes no difference."""
    seen = [(line.name, line.status) for line in examine(book_database.set(drivername=driver)).lines]
    assert seen == [(line.name, line.status) for line in examine(book_database).lines]


def test_a_locked_table_is_a_warning(book_database: URL):
    """Doctor does not queue behind a change of a table, where it would keep others waiting."""
    with closing(connect(book_database)) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE loan")
        lines = {line.name: line for line in serious(examine(book_database, patience=60))}
        cursor.execute("ROLLBACK")
    assert "somebody holds the tables locked" in lines["forecast"].found
