"""`rently-db compat`: statements that would break, tried at each revision; and pg_stat_statements, where they come from."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.util import CommandError
from sqlalchemy import URL, NullPool
from typer.testing import CliRunner, Result

from rently_db.cli import app
from rently_db.cli.exit_codes import ExitCode
from rently_db.database import make_engine, parse_url
from rently_db.migrate.baseline import create_baseline_sql
from rently_db.operations.compat.statements import Statement, read_file, understand
from rently_db.operations.preflight import take_baseline
from rently_db.operations.statements import busiest
from rently_db.server import Server, installed_server
from rently_db.synth.v0_statements import STATEMENTS
from tests.support.looks import nothing_changes
from tests.support.migrations import chain, connect, plain, rows, run_sql

PASSED_OVER = ("COPY party (id, kind) FROM STDIN", "BEGIN", "SAVEPOINT $1")
"""Nothing in them depends on what v1 changes."""
PLANTED = {
    "SELECT id, created_at FROM loan, LATERAL (SELECT now() AS created_at) AS x": ("breaks", 'column reference "created_at" is ambiguous'),
    "COPY payment FROM STDIN": ("breaks", "payment has more columns (processed_at, created_at, updated_at, reversed_at), the copied data"),
    "INSERT INTO payment_disputes (id) VALUES ($1)": ("unchecked", 'fails on v0: relation "payment_disputes" does not exist'),
    "SELECT * FROM loan WHERE id = $1": ("result_columns", "other columns in its result"),
    "UPDATE party SET kind = $1 WHERE id = $2 RETURNING *": ("result_columns", "other columns in its result"),
    "DECLARE c CURSOR FOR SELECT * FROM payment WHERE status = $1": ("result_columns", "other columns in its result"),
    "COPY payment TO STDOUT": ("result_columns", "so has what is copied out"),
    "INSERT INTO fx_rate VALUES ($1, $2, $3, $4, $5, $6)": ("no_column_list", "fx_rate has more columns (created_at)"),
    "SELEC 1": ("unchecked", "not valid SQL by itself"),
    "SELECT count(*) FROM loan WHERE start_date > date $1 AND loan_number <> '%s:x'": None,
    "DELETE FROM payment WHERE id = $1": None,
    **dict.fromkeys(PASSED_OVER),
}
"""What an application might say -> what compat says of it."""


def run(url: URL, *arguments: str) -> Result:
    """`rently-db compat URL ...` in this process; errors of the user are raised as they are."""
    return CliRunner().invoke(app, ["compat", plain(url), *arguments], catch_exceptions=False)


@pytest.fixture
def here(server_url: URL) -> tuple[str, str]:
    """The options that make the scratch database on the test server."""
    return "--server", plain(server_url)


def scratch_databases(url: URL) -> list[tuple]:
    """The scratch databases that are there."""
    return rows(url, "SELECT datname FROM pg_database WHERE datname LIKE 'rently_compat_%'")


def test_planted_statements_are_found_each_at_its_revision(book_database: URL, here: tuple[str, str], tmp_path: Path):
    """What breaks, what gets other columns and what can't be said: each statement is reported with its revisions and PostgreSQL's words."""
    file = tmp_path / "statements.sql"
    file.write_text("-- what we run\n" + ";\n".join(PLANTED))
    with nothing_changes(book_database):
        result = run(book_database, "--statements", str(file), "--json", *here)
    assert result.exit_code == ExitCode.FINDINGS
    report = json.loads(result.stdout)
    assert list(report) == ["revisions", "checked", "breaks", "findings", "not_restored"]
    assert report["revisions"] == chain()
    assert (report["checked"], report["breaks"], report["not_restored"]) == (len(PLANTED) - len(PASSED_OVER), True, [])
    found = {finding["statement"]: finding for finding in report["findings"]}
    assert set(found) == {statement for statement, expected in PLANTED.items() if expected}
    for statement, expected in PLANTED.items():
        if expected:
            assert (found[statement]["kind"], expected[1] in found[statement]["message"]) == (expected[0], True), found[statement]
    after_v0 = chain()[1:]
    assert found["COPY payment FROM STDIN"]["revisions"] == after_v0
    # Once: who prepares again at the next revision gets no error.
    assert found["SELECT * FROM loan WHERE id = $1"]["revisions"] == ["v1_expand"]
    assert found["SELEC 1"]["revisions"] == ["v0"]
    assert [finding["kind"] for finding in report["findings"]][:2] == ["breaks", "breaks"]
    assert scratch_databases(book_database) == []


def test_the_statements_of_the_v0_applications_break_nowhere(book_database: URL, here: tuple[str, str], tmp_path: Path):
    """Each statement that docs/v0-workload.md promises can be prepared at every revision; only SELECT * gets other columns."""
    file = tmp_path / "statements.sql"
    file.write_text(";\n".join(statement.sql for statement in STATEMENTS.values()))
    result = run(book_database, "--statements", str(file), "--json", *here)
    assert result.exit_code == ExitCode.DONE
    report = json.loads(result.stdout)
    assert report["checked"] == len({statement.sql for statement in STATEMENTS.values()})
    assert {finding["kind"] for finding in report["findings"]} == {"result_columns"}
    stars = {" ".join(statement.sql.split()) for statement in STATEMENTS.values() if "*" in statement.sql.replace("count(*)", "")}
    assert {finding["statement"] for finding in report["findings"]} <= stars


def test_objects_of_the_real_database_count(book_database: URL, here: tuple[str, str], tmp_path: Path):
    """The scratch database has the real schema, other people's views included, and finds names where the role finds them."""
    run_sql(
        book_database,
        "CREATE SCHEMA reports",
        "CREATE VIEW reports.big_loans AS SELECT * FROM public.loan WHERE principal_amount > 1000",
        f"ALTER DATABASE {book_database.database} SET search_path = reports, public",
    )
    file = tmp_path / "statements.sql"
    file.write_text("SELECT loan_number FROM big_loans\nSELECT nothing FROM big_loans\n")
    report = json.loads(run(book_database, "--statements", str(file), "--json", *here).stdout)
    assert [(finding["statement"], finding["kind"]) for finding in report["findings"]] == [("SELECT nothing FROM big_loans", "unchecked")]


def test_the_report_for_people_ends_with_the_count(book_database: URL, here: tuple[str, str], tmp_path: Path):
    """A line for each statement, its revisions and the reason, then how many would break; progress goes to stderr."""
    file = tmp_path / "statements.sql"
    file.write_text("COPY payment FROM STDIN;SELECT 1;")
    result = run(book_database, "--statements", str(file), *here)
    assert result.exit_code == ExitCode.FINDINGS
    assert result.stdout.startswith("breaks: COPY payment FROM STDIN\n    at v1_expand, ")
    assert "1 would break" in " ".join(result.stdout.split())
    assert result.stderr.splitlines() == [f"preparing at {revision}" for revision in chain()]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("BEGIN;COMMIT;", "holds no statement that reads or writes rows"),
        ("", "holds no statement"),
        (b"SELECT '\xe9'", "is not UTF-8"),
        (None, "can't be read"),
    ],
)
def test_a_file_without_statements_is_an_error_of_use(tmp_path: Path, content: str | bytes | None, message: str):
    """A file that can't be used is said with its name."""
    file = tmp_path / "statements.sql"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CommandError, match=message) as refused:
        read_file(file)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("written", "prepared"),
    [
        ("SELECT %s, '%s', %s", "SELECT $1, '%s', $2"),
        ("SELECT %(a)s, %(b)s, %(a)s", "SELECT $1, $2, $1"),
        ("SELECT :a, b::text, ':c', :a", "SELECT $1, b::text, ':c', $1"),
        ("SELECT interval $1, $2", "SELECT $1::interval, $2"),
        ("SELECT 1 ;\n", "SELECT 1"),
        ("DECLARE c NO SCROLL CURSOR FOR SELECT 1", "SELECT 1"),
    ],
)
def test_parameters_are_understood_as_drivers_write_them(written: str, prepared: str):
    """Statements copied from an application's source are prepared as the server would see them."""
    statement = understand(written)
    assert isinstance(statement, Statement)
    assert statement.sql == prepared


def test_a_database_beyond_v0_is_refused(v1_book: URL, empty_database: URL, tmp_path: Path):
    """Compat starts from v0; on anything else it says so."""
    file = tmp_path / "statements.sql"
    file.write_text("SELECT 1")
    with pytest.raises(CommandError, match="is no v0 any more"):
        run(v1_book, "--statements", str(file))
    with pytest.raises(CommandError, match="is empty"):
        run(empty_database, "--statements", str(file))


def test_without_pg_stat_statements_the_mend_is_said(book_database: URL):
    """Who has no statistics learns how to get them, or to give a file."""
    with pytest.raises(CommandError, match=r"CREATE EXTENSION pg_stat_statements; Or give the statements in a file: --statements FILE"):
        run(book_database)


@pytest.fixture(scope="module")
def busy_server() -> Iterator[URL]:
    """A v0 database on a server that counts statements, with some statements counted."""
    version = os.environ.get("RENTLY_TEST_PG")
    settings = {"shared_preload_libraries": "pg_stat_statements"}
    with Server(installed_server(version) if version else None, settings=settings) as server:
        url = parse_url(server.url())
        run_sql(url, *create_baseline_sql(), "CREATE SCHEMA stats", "CREATE EXTENSION pg_stat_statements SCHEMA stats")
        run_sql(url, *["SELECT id FROM public.loan WHERE loan_number = 'x'"] * 3)
        connection = connect(url)
        with connection.cursor() as cursor:
            cursor.copy_expert("COPY public.payment FROM STDIN", io.StringIO())
        connection.close()
        run_sql(url, "INSERT INTO public.party (id, kind) VALUES ('00000000-0000-0000-0000-0000000000aa', 'corporate') RETURNING *")
        yield url


def test_the_busiest_statements_are_tried(busy_server: URL):
    """Without a file the statements are those that the server counted; the scratch database is on a server of its own by default."""
    result = run(busy_server, "--json")
    report: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == ExitCode.FINDINGS
    kinds = {finding["statement"]: finding["kind"] for finding in report["findings"]}
    assert kinds["COPY public.payment FROM STDIN"] == "breaks"
    assert kinds["INSERT INTO public.party (id, kind) VALUES ($1, $2) RETURNING *"] == "result_columns"
    assert scratch_databases(busy_server) == []


def test_the_baseline_keeps_the_timings_of_the_busiest_statements(busy_server: URL):
    """Calls and times of each statement are kept with the baseline, wherever the extension's schema is."""
    run_sql(busy_server, "SELECT stats.pg_stat_statements_reset()", *["SELECT id FROM public.loan WHERE loan_number = 'x'"] * 3)
    kept = {item["query"]: item for item in take_baseline(make_engine(busy_server, poolclass=NullPool))["statements"]}
    counted = kept["SELECT id FROM public.loan WHERE loan_number = $1"]
    assert counted["calls"] == 3
    assert counted["total_ms"] >= counted["mean_ms"] > 0


def test_statistics_that_are_not_loaded_are_said(busy_server: URL, book_database: URL, server_version: int):
    """The extension without its library gives no statements but the reason; other databases' statements are not ours."""
    run_sql(book_database, "CREATE EXTENSION pg_stat_statements")
    with make_engine(book_database, poolclass=NullPool).connect() as connection:
        statements, missing = busiest(connection, 10)
    assert statements == []
    assert "shared_preload_libraries" in missing
    with make_engine(busy_server, poolclass=NullPool).connect() as connection:
        assert len(busiest(connection, 2)[0]) == 2
