"""What a deploy engineer can get wrong or interrupt ends in one sentence, without a traceback, and without changing anything else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.database import ENVIRONMENT_VARIABLE
from tests.support.migrations import HEAD, ROOT, plain, rows, run_alembic, run_sql, upgrade


@pytest.mark.parametrize(
    ("argument", "says"),
    [("url=", "-x url is empty"), ("maping=x.csv", "-x maping is not known"), ("mapping=", "-x mapping is empty")],
)
def test_an_argument_that_would_be_ignored_is_refused(empty_database: URL, argument: str, says: str):
    """A misspelt or empty -x never makes a command work on another database than its user thinks."""
    outcome = run_alembic(empty_database, "-x", argument, "upgrade", "head")
    assert outcome.code != 0
    assert says in outcome.text
    assert "Traceback" not in outcome.text
    assert rows(empty_database, "SELECT to_regnamespace('ops') IS NULL") == [(True,)]


def test_a_script_carries_the_mapping(tmp_path: Path):
    """What the operator says of an unknown code goes into the printed script too."""
    file = tmp_path / "mapping.csv"
    file.write_text("table,column,from,to\nproduct,category,PARKING_1,b2b_sme\n", encoding="utf-8")
    printed = run_alembic(None, "-x", f"mapping={file}", "upgrade", "head", "--sql")
    assert printed.code == 0
    assert "VALUES ('product', 'category', 'PARKING_1', 'b2b_sme')" in printed.stdout


def test_a_stamp_is_not_printed_either():
    """`alembic stamp` marks what nobody compared, as a script as little as online."""
    outcome = run_alembic(None, "stamp", "v1", "--sql")
    assert outcome.code != 0
    assert "alembic upgrade v0 compares it" in outcome.text


def test_a_role_that_may_not_look_is_told_so(v1_book: URL):
    """A role without rights on schema ops learns that, instead of reading a traceback."""
    role = f"rently_test_{uuid4().hex[:8]}"
    run_sql(v1_book, f"CREATE ROLE {role} LOGIN PASSWORD 'look'")
    try:
        outcome = run_alembic(v1_book.set(username=role, password="look"), "current")
    finally:
        run_sql(v1_book, f"DROP ROLE {role}")
    assert outcome.code != 0
    assert "permission denied for schema ops; connect as the role that deploys" in outcome.text
    assert "Traceback" not in outcome.text


def test_a_parameter_that_the_driver_does_not_know_is_named(empty_database: URL):
    """A misspelt parameter of the URL is one sentence."""
    outcome = run_alembic(empty_database.update_query_dict({"bogus": "x"}), "current")
    assert outcome.code != 0
    assert "bogus" in outcome.text
    assert "Traceback" not in outcome.text


def test_a_unique_index_that_can_not_be_built_names_the_key_and_leaves_nothing(book_database: URL):
    """Rows that v0 doubles on the way stop the upgrade with the key that is double, and no unusable index stays to refuse other rows."""
    upgrade(book_database, "v1_backfill")
    run_sql(
        book_database,
        f"INSERT INTO amortisation_plan (id, loan_id, version, status, effective_from) "
        f"SELECT '{uuid4()}', loan_id, version, 'cancelled', effective_from FROM amortisation_plan ORDER BY id LIMIT 1",
    )
    with pytest.raises(CommandError, match=r"Key \(loan_id, version\)=\(.*\) is duplicated"):
        upgrade(book_database)
    assert rows(book_database, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == []


def test_ctrl_c_is_one_sentence_and_the_command_goes_on(book_database: URL):
    """Whoever stops an upgrade by Ctrl-C is told that it goes on, and it does."""
    env = os.environ | {ENVIRONMENT_VARIABLE: plain(book_database)}
    command = [
        sys.executable,
        "-c",
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\nfrom alembic.config import main; main()",
    ]
    with subprocess.Popen(
        [*command, "upgrade", "head"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        try:
            deadline = time.monotonic() + 30
            while not rows(book_database, "SELECT count(*) FROM pg_class WHERE relname = 'migration_step'")[0][0]:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            run.send_signal(signal.SIGINT)
            said, _ = run.communicate(timeout=60)
        finally:
            run.kill()
    assert "Traceback" not in said
    assert run.returncode == 0 or "stopped by Ctrl-C; what was done stays" in said
    upgrade(book_database)
    assert rows(book_database, "SELECT version_num FROM ops.alembic_version") == [(HEAD,)]
