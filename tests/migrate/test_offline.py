from __future__ import annotations

import subprocess

import pytest
from sqlalchemy import URL

from rently_db.server import client_tool
from rently_db.testing.databases import Databases
from tests.support.looks import head_of, nothing_changes, v1_content
from tests.support.migrations import HEAD, Outcome, downgrade, dump, plain, rows, run_alembic, run_sql, upgrade, v0_content


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    """What ``alembic --sql`` prints for the way up and the way down; it needs no database."""
    printed = {}
    for direction, arguments in {"up": ("upgrade", "head"), "down": ("downgrade", "head:v0")}.items():
        outcome = run_alembic(None, *arguments, "--sql")
        assert outcome.code == 0, outcome.text
        printed[direction] = outcome.stdout
    return printed


def psql(url: URL, script: str) -> Outcome:
    """Run a script as its first lines say."""
    command = [str(client_tool("psql")), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", "-", plain(url)]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_script_makes_an_empty_database_what_the_online_run_makes_it(empty_database: URL, head_database: URL, scripts: dict[str, str]):
    """Where only psql may touch production, the result is the same: schema, version, reference rows."""
    outcome = psql(empty_database, scripts["up"])
    assert outcome.code == 0, outcome.text
    assert head_of(empty_database) == head_of(head_database)
    assert v1_content(empty_database) == v1_content(head_database)
    assert rows(empty_database, "SELECT adopted FROM ops.baseline") == [(False,)]


def test_a_script_carries_a_book_up_and_back(databases: Databases, dirty_v0: URL, dirty_template: str, scripts: dict[str, str]):
    """Adoption, repairs and backfills by script give the rows of the online run; the script of the rollback gives back v0 exactly."""
    schema, content = dump(dirty_v0), repr(v0_content(dirty_v0))
    outcome = psql(dirty_v0, scripts["up"])
    assert outcome.code == 0, outcome.text
    assert rows(dirty_v0, "SELECT adopted FROM ops.baseline") == [(True,)]
    with databases.database(template=dirty_template) as online:
        upgrade(online)
        assert head_of(dirty_v0) == head_of(online)
        assert v1_content(dirty_v0) == v1_content(online)
        journal = "SELECT kind, rule, table_name, row_id, old_value, new_value, state FROM ops.row_journal ORDER BY 1, 2, 3, 4"
        assert rows(dirty_v0, journal) == rows(online, journal)
    outcome = psql(dirty_v0, scripts["down"])
    assert outcome.code == 0, outcome.text
    assert (dump(dirty_v0), repr(v0_content(dirty_v0))) == (schema, content)
    assert rows(dirty_v0, "SELECT version_num FROM ops.alembic_version") == [("v0",)]


def test_scripts_and_online_runs_may_take_turns(dirty_v0: URL, scripts: dict[str, str]):
    """A database that a script carried up goes down online, and one that went up online goes down by script."""
    schema, content = dump(dirty_v0), repr(v0_content(dirty_v0))
    assert psql(dirty_v0, scripts["up"]).code == 0
    downgrade(dirty_v0)
    assert (dump(dirty_v0), repr(v0_content(dirty_v0))) == (schema, content)
    upgrade(dirty_v0)
    outcome = psql(dirty_v0, scripts["down"])
    assert outcome.code == 0, outcome.text
    assert (dump(dirty_v0), repr(v0_content(dirty_v0))) == (schema, content)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_script_is_for_psql(scripts: dict[str, str], direction: str):
    """The script says how to run it, no % in it is doubled, and no password or URL is in it but the blanks of ops.crontab_line()."""
    script = scripts[direction]
    assert script.startswith("-- Run with: psql --no-psqlrc --set ON_ERROR_STOP=1")
    # One stands in the file itself: the change of a view formats a format.
    assert "%%" not in script.replace("'SET LOCAL ROLE %I; %%s; RESET ROLE'", "")
    assert "postgresql://" not in script.replace("postgresql://%s@%s/%s%s", "")


@pytest.mark.parametrize(
    ("defect", "named"),
    [
        ("ALTER TABLE public.loan DROP COLUMN rc_fee_rate", "loan.rc_fee_rate numeric"),
        ("ALTER TABLE public.payment ALTER COLUMN amount TYPE double precision", "payment.amount numeric"),
        ("DROP TABLE public.fx_rate", "fx_rate.rate numeric"),
    ],
)
def test_a_script_refuses_what_is_not_v0(book_database: URL, scripts: dict[str, str], defect: str, named: str):
    """The script compares before it adopts, and stops at a database that is not v0, with the columns that differ."""
    run_sql(book_database, defect)
    schema = dump(book_database)
    outcome = psql(book_database, scripts["up"])
    assert outcome.code != 0
    assert "schema public is neither empty nor v0; missing or different:" in outcome.stderr
    assert named in outcome.stderr
    assert dump(book_database) == schema
    assert rows(book_database, "SELECT count(*) FROM ops.alembic_version") == [(0,)]


def test_printing_a_script_needs_no_database(book_database: URL):
    """--sql touches no database, even if one is named."""
    with nothing_changes(book_database):
        assert run_alembic(book_database, "upgrade", "head", "--sql").code == 0


def test_a_script_that_failed_goes_on_online(dirty_v0: URL, scripts: dict[str, str]):
    """Where a script stops, say at a lock, `alembic upgrade head` or `downgrade v0` goes on: the script records its steps too."""
    before, schema = v0_content(dirty_v0), dump(dirty_v0)
    half = scripts["up"].partition("-- columns payment\n")[0]
    assert len(half) < len(scripts["up"])
    assert psql(dirty_v0, half).code == 0
    downgrade(dirty_v0)
    assert (v0_content(dirty_v0), dump(dirty_v0)) == (before, schema)
    upgrade(dirty_v0)
    assert rows(dirty_v0, "SELECT version_num FROM ops.alembic_version") == [(HEAD,)]
