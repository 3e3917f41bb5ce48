"""`rently-db drift` reports what was changed by hand in a live database, exactly that, and disturbs nobody."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg2
import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.operations.drift import DriftReport, find_drift
from rently_db.operations.drift import reference as references
from rently_db.operations.drift.catalogue import read_catalogue
from rently_db.operations.sessions import reading
from rently_db.testing.databases import Databases
from tests.support.books import BY_HAND
from tests.support.commands import rently_db
from tests.support.drifts import NOTED, PLANTED, ROLE
from tests.support.migrations import chain, connect, downgrade, plain, rows, run_sql, upgrade

HEAD = chain()[-1]


@pytest.fixture(scope="module", autouse=True)
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of this module's own: what revisions make is made once for all its tests."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(references.CACHE_VARIABLE, str(folder))
        yield folder


Look = Callable[..., DriftReport]


@pytest.fixture
def look(server_url: URL) -> Look:
    """Compare a database with its revision, made on the test's own server."""
    return partial(find_drift, scratch=server_url)


@pytest.fixture(scope="module", autouse=True)
def role(server_url: URL) -> None:
    """A role that things are granted to."""
    run_sql(server_url, f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD 'app'; EXCEPTION WHEN duplicate_object THEN NULL; END $$")


def an_entity(url: URL, kind: str) -> str:
    """One of our own views or materialized views: the first that the fewest others stand on, of views none."""
    query = f"""
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind = '{kind}'
        ORDER BY (
            SELECT count(DISTINCT r.ev_class) FROM pg_depend AS d INNER JOIN pg_rewrite AS r ON r.oid = d.objid
            WHERE d.refobjid = c.oid AND r.ev_class <> c.oid
        ), 1 LIMIT 1
    """
    return str(rows(url, query)[0][0])


def told(report: DriftReport) -> list[tuple[str, str, str]]:
    """What is reported as drift."""
    return [(one.kind, one.name, one.what) for one in report.drift]


def test_a_new_database_has_no_drift(head_database: URL, look: Look):
    """What the revisions made is what the revisions make."""
    report = look(head_database)
    assert (report.differences, report.revision) == ((), HEAD)
    assert report.objects > 500


def test_an_adopted_book_has_no_drift(book_database: URL, look: Look):
    """A live v0 database with traces of many hands has none after its upgrade, nor after it went back and forth."""
    run_sql(book_database, *BY_HAND)
    for revision in ("head", "v0", "head"):
        (downgrade if revision == "v0" else upgrade)(book_database, revision)
        report = look(book_database)
        assert told(report) == [], (revision, report.drift)
        # Back at v0 the traces of hands are there again, and noted; v1 has put its own in their place.
        notes = [(one.kind, one.name, one.what) for one in report.notes]
        assert (("constraint", "pk_loan on public.loan", "there") in notes) == (revision == "v0"), notes


@pytest.fixture(scope="module")
def planted(databases: Databases, head_template: str, server_url: URL) -> Iterator[tuple[URL, DriftReport]]:
    """A database at head with everything planted, and what is reported of it."""
    with databases.database(template=head_template) as url:
        for changes, _ in PLANTED.values():
            run_sql(url, *changes)
        yield url, find_drift(url, scratch=server_url)


@pytest.mark.parametrize("expected", [expected for _, expected in PLANTED.values()], ids=PLANTED)
def test_drift_is_reported_as_what_it_is(planted: tuple[URL, DriftReport], expected: tuple[tuple[str, str, str], ...]):
    """Each change by hand is reported under the object's name, with what of it is otherwise."""
    assert set(expected) <= set(told(planted[1]))


def test_nothing_else_is_reported(planted: tuple[URL, DriftReport]):
    """What nobody changed is not drift, however much is around it."""
    assert sorted(told(planted[1])) == sorted(entry for _, expected in PLANTED.values() for entry in expected)
    assert planted[1].notes == ()


def test_what_is_told_to_mend_it_mends_it(planted: tuple[URL, DriftReport], server_url: URL):
    """The commands that are told with the differences, run one after the other, leave no drift."""
    url, report = planted
    for one in report.drift:
        # Each statement by itself: indexes are built concurrently.
        run_sql(url, *([one.mend] if one.kind == "function" else one.mend.split(";\n")))
    assert told(find_drift(url, scratch=server_url)) == []


def test_a_dropped_table_is_one_difference(head_database: URL, look: Look):
    """What belonged to a table that is gone is not listed one by one; such a table is more than a command can mend."""
    run_sql(head_database, "DROP TABLE public.loan_flag CASCADE")
    report = look(head_database)
    assert ("table", "public.loan_flag", "there") in told(report)
    assert not [entry for entry in told(report) if "loan_flag" in entry[1] and entry[0] != "table"]
    assert "no single command" in next(one.mend for one in report.drift if one.kind == "table")


def test_what_others_may_do_is_a_note(head_database: URL, look: Look):
    """What others add beside our objects is told, and is no drift."""
    run_sql(head_database, *(change for change, _ in NOTED.values()))
    report = look(head_database)
    assert told(report) == []
    assert sorted((one.kind, one.name, one.what) for one in report.notes) == sorted(expected for _, expected in NOTED.values())


def test_views_are_compared_in_all_they_are(head_database: URL, look: Look):
    """Query, options, comments, grants, rows and indexes of views and materialized views."""
    view, matview = an_entity(head_database, "v"), an_entity(head_database, "m")
    index = rows(head_database, f"SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = '{matview}'::regclass")[0][0]
    column = rows(head_database, f"SELECT attname FROM pg_attribute WHERE attrelid = '{view}'::regclass AND attnum = 1")[0][0]
    changes = {
        f"ALTER VIEW {view} SET (security_barrier = true)": ("view", view, "options"),
        f"COMMENT ON COLUMN {view}.{column} IS 'other'": ("column", f"{view}.{column}", "comment"),
        f"GRANT SELECT ON {matview} TO PUBLIC": ("matview", matview, "grant SELECT to PUBLIC"),
        f"DROP INDEX {index}": ("index", index, "there"),
    }
    before = look(head_database)
    assert told(before) == []
    run_sql(head_database, *changes)
    assert sorted(told(look(head_database))) == sorted(changes.values())
    definition = rows(head_database, f"SELECT pg_get_viewdef('{view}'::regclass)")[0][0].rstrip(";")
    run_sql(head_database, f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM ({definition}) AS x WHERE true")
    assert ("view", view, "definition") in told(look(head_database))
    run_sql(head_database, f"DROP VIEW {view}")
    assert ("view", view, "there") in told(look(head_database))
    assert not [one for one in look(head_database).drift if one.kind == "column"]
    definition = rows(head_database, f"SELECT pg_get_viewdef('{matview}'::regclass)")[0][0].rstrip(";")
    run_sql(
        head_database,
        f"DROP MATERIALIZED VIEW {matview} CASCADE",
        f"CREATE MATERIALIZED VIEW {matview} AS SELECT * FROM ({definition}) AS x WHERE true WITH NO DATA",
    )
    report = look(head_database)
    assert ("matview", matview, "definition") in told(report)
    assert ("matview", matview, "filled") in [(one.kind, one.name, one.what) for one in report.notes]
    run_sql(head_database, f"DROP MATERIALIZED VIEW {matview}")
    assert ("matview", matview, "there") in told(look(head_database))


def test_months_of_the_snapshots_are_expected_and_nothing_else_beside_them(head_database: URL, look: Look):
    """A month that was published is part of the table; a table with its name that is no part of it, or a part that is no month, is told."""
    run_sql(
        head_database,
        "SELECT analytics.ensure_snapshot_partition('2026-05-31')",
        "SELECT analytics.ensure_snapshot_partition('2026-06-30')",
    )
    report = look(head_database)
    assert (told(report), report.notes) == ([], ())
    run_sql(
        head_database,
        "ALTER TABLE analytics.loan_daily_snapshot DETACH PARTITION analytics.loan_daily_snapshot_2026_05",
        "CREATE TABLE analytics.loan_daily_snapshot_2026_13 PARTITION OF analytics.loan_daily_snapshot"
        " FOR VALUES FROM ('2031-01-01') TO ('2031-02-01')",
        "CREATE TABLE analytics.loan_daily_snapshot_2020_01 (snapshot_date date)",
    )
    report = look(head_database)
    assert told(report) == [("partition", "analytics.loan_daily_snapshot_2026_13", "there")]
    assert [(one.kind, one.name, one.what) for one in report.notes] == [
        ("table", "analytics.loan_daily_snapshot_2020_01", "there"),
        ("table", "analytics.loan_daily_snapshot_2026_05", "there"),
    ]


def test_an_extension_that_is_gone_is_named(head_database: URL, look: Look):
    """Who drops an extension drops constraints that need it; both are told."""
    extension, constraint = rows(
        head_database,
        """
        SELECT e.extname, k.conname || ' on ' || k.conrelid::regclass FROM pg_extension AS e
        INNER JOIN pg_depend AS i ON i.refclassid = 'pg_extension'::regclass AND i.refobjid = e.oid AND i.deptype = 'e'
        INNER JOIN pg_depend AS d ON d.refclassid = 'pg_opclass'::regclass AND i.classid = d.refclassid AND d.refobjid = i.objid
        INNER JOIN pg_constraint AS k ON k.conindid = d.objid AND d.classid = 'pg_class'::regclass AND k.contype = 'x'
        ORDER BY 2 LIMIT 1
        """,
    )[0]
    run_sql(head_database, f"DROP EXTENSION {extension} CASCADE")
    found = told(look(head_database))
    assert ("extension", extension, "there") in found
    assert [entry for entry in found if entry[0] == "constraint" and entry[1].split(" on ")[0] == constraint.split(" on ")[0]]


def test_a_database_on_its_way_is_compared_with_where_it_is(databases: Databases, book_template: str, look: Look):
    """A migration done up to a revision in between is no drift; what was changed since then is."""
    with databases.database(template=book_template) as url:
        upgrade(url, "v1_bridges")
        report = look(url)
        assert (told(report), report.revision) == ([], "v1_bridges")
        run_sql(url, "DROP TRIGGER bridge ON loan")
        assert told(look(url)) == [("trigger", "bridge on public.loan", "there")]


def test_grants_of_named_roles_are_in_order(head_database: URL, look: Look):
    """An installation says which roles it grants rights to; the others' stay drift."""
    run_sql(head_database, f"GRANT SELECT, INSERT ON loan_flag TO {ROLE}", "GRANT SELECT ON loan_flag TO PUBLIC")
    report = look(head_database, roles=[ROLE])
    assert told(report) == [("table", "public.loan_flag", "grant SELECT to PUBLIC")]
    assert [one.what for one in report.notes] == [f"grant INSERT to {ROLE}", f"grant SELECT to {ROLE}"]


def test_a_role_that_the_server_lacks_is_told_once(head_database: URL, look: Look):
    """Where a DBA has not made the roles yet, drift names each once, as a note, and how to have it made."""
    run_sql(head_database, "DO $$ BEGIN PERFORM ops.withdraw_access('rently_auditor'); END $$")
    run_sql(head_database, "DROP OWNED BY rently_auditor")
    run_sql(head_database, "ALTER ROLE rently_auditor RENAME TO rently_auditor_before")
    try:
        report = look(head_database)
        [role] = [one for one in report.notes if one.kind == "role"]
        assert (role.name, role.mend) == ("rently_auditor", "-- a DBA runs what rently-db access script prints")
        assert not [one for one in report.differences if one.what.endswith("to rently_auditor")]
    finally:
        run_sql(head_database, "ALTER ROLE rently_auditor_before RENAME TO rently_auditor")


def test_nothing_is_locked_above_access_share(head_database: URL):
    """While the catalogue is read, the session holds no lock that could stand in anybody's way, and can't write."""
    with reading(head_database) as connection:
        read_catalogue(connection)
        pid = connection.connection.driver_connection.info.backend_pid
        modes = rows(
            head_database, f"SELECT DISTINCT mode FROM pg_locks WHERE pid = {pid} AND locktype NOT IN ('virtualxid', 'transactionid')"
        )
        assert modes == [("AccessShareLock",)]
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"


def test_readers_and_writers_go_on(head_database: URL):
    """Every lock mode that an application takes is granted at once while the catalogue is being read again and again."""
    ending, reads = threading.Event(), []

    def work() -> None:
        while not ending.is_set():
            with reading(head_database) as connection:
                reads.append(len(read_catalogue(connection)))

    thread = threading.Thread(target=work)
    thread.start()
    connection = connect(head_database)
    try:
        with connection.cursor() as cursor:
            while len(reads) < 2:
                assert thread.is_alive(), "the catalogue could not be read"
                cursor.execute("BEGIN; LOCK TABLE public.loan IN ROW EXCLUSIVE MODE NOWAIT; COMMIT")
                cursor.execute("BEGIN; LOCK TABLE public.loan IN SHARE ROW EXCLUSIVE MODE NOWAIT; COMMIT")
                time.sleep(0.01)
    finally:
        ending.set()
        thread.join()
        connection.close()


def test_a_locked_table_is_not_waited_for(head_database: URL, monkeypatch: pytest.MonkeyPatch, look: Look):
    """Where somebody changes a table at that moment, the command leaves, with a sentence."""
    monkeypatch.setattr("rently_db.operations.drift.catalogue.PATIENCE", "100ms")
    holder = psycopg2.connect(plain(head_database))
    try:
        view = an_entity(head_database, "v")
        with holder.cursor() as cursor:
            cursor.execute(f"ALTER VIEW {view} SET (security_barrier = true)")
        with pytest.raises(CommandError, match="a table is locked for more than 100ms"):
            look(head_database)
    finally:
        holder.rollback()
        holder.close()


def test_what_a_revision_makes_is_made_once(head_database: URL, kept: Path, monkeypatch: pytest.MonkeyPatch, look: Look):
    """The second look needs no scratch database; a file in the cache that was cut off is made again, a changed release makes its own."""
    look(head_database)
    (file,) = kept.glob(f"drift-{HEAD}-*.json")
    made: list[str] = []
    original = references._made
    monkeypatch.setattr(references, "_made", lambda revision, *arguments: made.append(revision) or original(revision, *arguments))
    look(head_database)
    assert made == []
    file.write_text(file.read_text(encoding="utf-8")[:1000], encoding="utf-8")
    assert told(look(head_database)) == []
    assert made == [HEAD]
    monkeypatch.setattr(references, "fingerprint", lambda: "of another release")
    look(head_database)
    assert made == [HEAD, HEAD]
    assert len([*kept.glob(f"drift-{HEAD}-*.json")]) == 1


def test_where_nothing_can_be_compared_the_command_says_why(databases: Databases, head_database: URL, look: Look):
    """An unmigrated database, one of a later release, and one in the midst of a migration."""
    with databases.database() as empty, pytest.raises(CommandError, match="is not under migration: rently-db preflight"):
        look(empty)
    run_sql(head_database, "UPDATE ops.alembic_version SET version_num = 'v9'")
    with pytest.raises(CommandError, match="is at v9, which this release does not know"):
        look(head_database)
    run_sql(head_database, f"UPDATE ops.alembic_version SET version_num = '{chain()[-2]}'")
    with pytest.raises(CommandError, match=rf"on its way through {HEAD} \(up\)"):
        look(head_database)


def test_the_command(head_database: URL, server_url: URL, look: Look):
    """Exit codes, sentences, JSON and the script that mends."""
    look(head_database)  # the cache is warm
    scratch = ("--scratch-url", plain(server_url))
    quiet = rently_db(head_database, "drift", *scratch)
    assert (quiet.code, "no drift" in quiet.stdout) == (0, True), quiet.text
    run_sql(head_database, "ALTER TABLE loan DISABLE TRIGGER record_status", "CREATE VIEW public.theirs AS SELECT 1 AS one")
    said = rently_db(head_database, "drift", *scratch)
    assert said.code == 1, said.text
    assert "trigger record_status on public.loan: state is disabled, should be enabled" in said.stdout
    assert "mend: ALTER TABLE public.loan ENABLE TRIGGER record_status" in said.stdout
    assert "public.theirs" not in said.stdout
    assert re.search(r"1 difference that is drift, 1 notes \(--notes lists them\)$", said.stdout.strip()), said.stdout
    assert "note: view public.theirs: made by others" in rently_db(head_database, "drift", "--notes", *scratch).stdout
    answer = json.loads(rently_db(head_database, "drift", "--json", *scratch).stdout)
    assert [one["name"] for one in answer["drift"]] == ["record_status on public.loan"]
    script = rently_db(head_database, "drift", "--sql", *scratch)
    assert script.code == 1
    run_sql(head_database, *[line.rstrip(";") for line in script.stdout.splitlines() if line and not line.startswith("--")])
    assert rently_db(head_database, "drift", *scratch).code == 0


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("mysql://host/book", "postgresql"),
        ("postgresql://nobody:secret@127.0.0.1:1/book", "127.0.0.1"),
        (None, "not under migration: rently-db preflight"),
    ],
    ids=["not PostgreSQL", "nobody answers", "no version table"],
)
def test_what_can_not_be_looked_at_is_one_sentence(empty_database: URL, target: str | None, said: str):
    """A wrong URL, a server that does not answer, a database that never was migrated: usage to be corrected, no traceback, no password."""
    outcome = rently_db(None, "drift", target or plain(empty_database), "--json")
    assert (outcome.code, outcome.stdout) == (2, ""), outcome.text
    assert said in outcome.stderr
    assert "Traceback" not in outcome.text
    assert "secret" not in outcome.text
