"""What all commands of `rently-db` have in common."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from rently_db.cli.exit_codes import ExitCode
from rently_db.database import client_address, parse_url

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from rently_db.cli import main; main()"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`rently-db` as a shell would start it."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def test_help_lists_the_commands():
    """Who types rently-db alone or asks for help sees what there is."""
    said = run("--help")
    assert said.returncode == ExitCode.DONE
    assert {"psql", "server"} <= set(said.stdout.replace("│", " ").split())


def test_help_loads_no_server_and_no_database_driver():
    """Help is quick because nothing is loaded that it does not need."""
    code = """
import sys
from rently_db.cli import app
try:
    app(["--help"])
except SystemExit:
    print(sorted({"sqlalchemy", "alembic", "psycopg2"} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[]"


def test_a_wrong_url_is_one_sentence_and_exit_code_2():
    """A typing error is answered with the mend, without a traceback and without the password."""
    said = run("psql", "mysql://u:geheim@h/d")
    assert said.returncode == ExitCode.USAGE
    assert said.stderr.startswith("rently-db: the given database URL is mysql://u:***@h/d")
    assert len(said.stderr.splitlines()) == 1
    assert said.stdout == ""


def test_a_wrong_option_is_exit_code_2():
    """Scripts tell a wrong call from a finding."""
    assert run("psql", "--no-such-option").returncode == ExitCode.USAGE


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        ("rently_db.server.ServerError('no server')", ExitCode.USAGE, "rently-db: no server\n"),
        ("alembic.util.CommandError('no revision')", ExitCode.USAGE, "rently-db: no revision\n"),
        (
            "sqlalchemy.exc.OperationalError(None, None, Exception('Connection refused'))",
            ExitCode.USAGE,
            "rently-db: the database: no server answers at this address; start it, or correct host and port in the URL\n",
        ),
        ("KeyError('ours')", ExitCode.BUG, "KeyError: 'ours'\n"),
    ],
)
def test_errors_of_the_user_have_no_traceback_and_ours_have_one(raised: str, code: int, said: str):
    """A mistake in a URL is not reported like a mistake in the program."""
    program = f"""
import alembic.util, sqlalchemy.exc, rently_db.server
from rently_db.cli import app, main
@app.command()
def broken() -> None:
    raise {raised}
import sys
sys.argv = ["rently-db", "broken"]
main()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert done.stderr.endswith(said)
    assert ("Traceback" in done.stderr) == (code == ExitCode.BUG)


def test_psql_runs_sql_on_the_named_database(empty_database: URL):
    """The shell opens on the database of the URL, in PostgreSQL's own program."""
    plain = empty_database.set(drivername="postgresql").render_as_string(hide_password=False)
    said = run("psql", "-c", "SELECT current_database()", RENTLY_DATABASE_URL=plain)
    assert said.returncode == ExitCode.DONE
    assert str(empty_database.database) in said.stdout


def test_psql_runs_every_command_it_is_given(empty_database: URL):
    """Two statements are two statements: none is dropped silently, and what the first sets holds for the second."""
    plain = empty_database.set(drivername="postgresql").render_as_string(hide_password=False)
    said = run("psql", "-c", "CREATE TEMPORARY TABLE t AS SELECT 41 AS n", "-c", "SELECT n + 1 FROM t", RENTLY_DATABASE_URL=plain)
    assert said.returncode == 0
    assert "SELECT 1" in said.stdout
    assert "42" in said.stdout


@pytest.mark.parametrize("url", ["postgresql://u:ge%40heim@h/d?sslmode=require", "postgresql://u@h/d?sslmode=require&password=ge%40heim"])
def test_psql_gets_the_password_where_other_users_cannot_read_it(url: str):
    """Every user of a machine can list command lines; the password goes by the environment."""
    assert client_address(parse_url(url)) == ("postgresql://u@h/d?sslmode=require", {"PGPASSWORD": "ge@heim"})


def test_server_run_serves_until_ctrl_c(tmp_path: Path):
    """`rently-db server run` prints a URL that works, and Ctrl-C ends it and the server."""
    program = f"import rently_db.server, pathlib; rently_db.server.project_dir = lambda: pathlib.Path({str(tmp_path)!r})\n{COMMAND[2]}"
    with subprocess.Popen([sys.executable, "-u", "-c", program, "server", "run"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        url = lines[2].split("'")[1]
        assert "rently" in run("psql", url, "-c", "SELECT current_database()").stdout
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=30) == ExitCode.DONE
        finally:
            process.kill()
    home = (tmp_path / ".rently" / "pg18").resolve()
    assert (home / "data" / "PG_VERSION").exists()
    assert not (home / "data" / "postmaster.pid").exists()
    shutil.rmtree(home)


def test_a_server_that_does_not_answer_is_named():
    """A wrong host or port is one sentence that says which address was tried, and shows no password."""
    done = run("preflight", "postgresql://u:s3cret@127.0.0.1:1/rently")
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.startswith("rently-db: 127.0.0.1:1: no server answers at this address")
    assert "s3cret" not in done.stdout + done.stderr
