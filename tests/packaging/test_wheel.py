"""What a service installs: a wheel that migrates a server and knows its schema, with no checkout anywhere near."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile

import pytest
from sqlalchemy import URL

from rently_db.packaged import revisions
from tests.packaging.conftest import Distributions, Elsewhere, members
from tests.support.migrations import ROOT, rows

SERVICE = """
import os, sys
import rently_db
from rently_db.database import make_engine
from rently_db.models import Loan
from sqlalchemy import select
from sqlalchemy.orm import Session

engine = make_engine(os.environ["RENTLY_DATABASE_URL"])
rently_db.require_schema(engine, reads=["analytics.v_dpd_analysis"])
with Session(engine) as session:
    print(len(session.scalars(select(Loan)).all()), "loans")
assert not {"typer", "pglast", "pytest"} & set(sys.modules)
"""


def test_the_wheel_holds_every_file_of_the_migrations(distributions: Distributions):
    """What a checkout would deploy, the wheel deploys: env.py, each revision, each frozen file."""
    tracked = subprocess.run(["git", "ls-files", "migrations"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    with zipfile.ZipFile(distributions.wheel) as wheel:
        assert members(wheel.namelist(), "rently_db/_deploy/migrations/") == {name.removeprefix("migrations/") for name in tracked}


def test_the_wheel_holds_the_package_and_nothing_beside_it(distributions: Distributions):
    """No test, benchmark or page lands in a service's site-packages; the types are declared and the licence is there."""
    with zipfile.ZipFile(distributions.wheel) as wheel:
        names = wheel.namelist()
    assert {name.split("/")[0] for name in names} == {"rently_db", "rently_db-0.1.0.dist-info"}
    assert "rently_db/py.typed" in names
    assert "rently_db-0.1.0.dist-info/licenses/LICENSE" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_sdist_holds_what_it_takes_to_test_and_document(distributions: Distributions):
    """Who packages from source has tests, pages, the lock file and the Makefile."""
    with tarfile.open(distributions.sdist) as sdist:
        names = members(sdist.getnames(), "rently_db-0.1.0/")
    wanted = [
        "alembic.ini",
        "Makefile",
        "CHANGELOG.md",
        "SECURITY.md",
        "mkdocs.yml",
        "requirements/dev.lock",
        "tests/conftest.py",
        "docs/deploy.md",
        "migrations/env.py",
    ]
    assert not [name for name in wanted if name not in names]


def test_a_service_migrates_an_empty_server_with_the_wheel_alone(elsewhere: Elsewhere, empty_database: URL):
    """`alembic -c` with the packaged configuration goes to head, and back to v0, without typer, pglast or a checkout."""
    ini = elsewhere.run("python", "-m", "rently_db.packaged").stdout.strip()
    up = elsewhere.run("alembic", "-c", ini, "upgrade", "head", url=empty_database)
    assert up.code == 0, up.text
    assert rows(empty_database, "SELECT version_num FROM ops.alembic_version") == [(revisions()[-1],)]
    down = elsewhere.run("alembic", "-c", ini, "downgrade", "v0", url=empty_database)
    assert down.code == 0, down.text
    assert rows(empty_database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(20,)]


def test_a_service_reads_loans_with_the_wheel_alone(elsewhere: Elsewhere, v1_book: URL):
    """The first lines of a service: the schema fits, and the models read sixty loans."""
    said = elsewhere.run("python", "-c", SERVICE, url=v1_book)
    assert said.stdout.split() == ["60", "loans"], said.text


def test_a_service_on_a_database_that_was_never_migrated_says_so_and_stops(elsewhere: Elsewhere, book_database: URL):
    """A service that starts before the migration names the command that was forgotten."""
    said = elsewhere.run("python", "-c", SERVICE, url=book_database)
    assert said.code == 1
    assert "rently-db upgrade" in said.stderr.splitlines()[-1]


def test_the_command_without_its_extra_says_what_to_install(elsewhere: Elsewhere):
    """`rently-db` in an environment without typer is a usage error of one line, not a traceback."""
    said = elsewhere.run("rently-db", "upgrade")
    assert (said.code, said.stdout) == (2, "")
    assert said.stderr == "rently-db needs typer and rich; run: pip install 'rently-db[cli]'\n"


def test_an_operator_migrates_with_the_command(elsewhere_with_commands: Elsewhere, book_database: URL):
    """`rently-db upgrade` carries a v0 database with loans to head, and Alembic finds no difference to the models after it."""
    up = elsewhere_with_commands.run("rently-db", "upgrade", url=book_database)
    assert up.code == 0, up.text
    assert rows(book_database, "SELECT count(*) FROM loan") == [(60,)]
    check = elsewhere_with_commands.run("rently-db", "alembic", "check", url=book_database)
    assert check.code == 0, check.text


def test_the_script_for_psql_comes_out_of_the_wheel(elsewhere_with_commands: Elsewhere):
    """A DBA without a checkout prints the way up as SQL, the same that the checkout prints."""
    said = elsewhere_with_commands.run("rently-db", "alembic", "upgrade", "head", "--sql")
    assert said.code == 0, said.text
    assert f"'{revisions()[-1]}'" in said.stdout


def test_freezing_into_an_installed_package_is_refused(elsewhere_with_commands: Elsewhere):
    """What would change site-packages is refused, and the sentence says where to do it."""
    said = elsewhere_with_commands.run("rently-db", "freeze", "v1_mine")
    assert said.code == 2
    assert "run it in a clone of the repository" in said.stderr


@pytest.mark.parametrize("command", ["demo", "doctor", "plan", "status", "drift"])
def test_what_an_operator_runs_needs_no_checkout(elsewhere_with_commands: Elsewhere, v1_book: URL, command: str):
    """The commands of the runbook find their files in the wheel; the demo brings its own server."""
    arguments, url = (["--loans", "60"], None) if command == "demo" else ([], v1_book)
    said = elsewhere_with_commands.run("rently-db", command, *arguments, url=url)
    assert said.code in ({0, 1} if command == "doctor" else {0}), said.text
    assert "Traceback" not in said.text
