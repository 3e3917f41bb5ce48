"""Schedules from outside: the line for cron, tasks one by one, and what a failure leaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg2.errors
import pytest
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.analytics.live_book import Session, session
from tests.analytics.test_run_due import run
from tests.support.migrations import rows, run_sql

SETUP = "SELECT * FROM ops.setup_automated_testing_schedules()"


def cron_runs(line: str, url: URL) -> subprocess.CompletedProcess[str]:
    r"""What cron does with a line: five fields of time, then the command for /bin/sh with \% as %, in cron's small environment."""
    minute, hour, day, month, weekday, command = line.split(" ", 5)
    assert all(re.fullmatch(r"\*(/[1-9][0-9]?)?|[0-9]{1,2}", field) for field in (minute, hour, day, month, weekday))
    assert "\n" not in line
    assert not re.search(r"(?<!\\)%", command)
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "HOME") if name in os.environ}
    password = {"PGPASSWORD": url.password} if url.password else {}
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("\\%", "%")],
        cwd="/",
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "SHELL": "/bin/sh", **kept, **password},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_without_pg_cron_there_is_one_exact_line_for_cron(own_url: URL) -> None:
    """It names the role, the address and the database of the session, no password, and says why and where it belongs."""
    [(name, schedule, line, method, status)] = rows(own_url, SETUP)
    [(user, socket, directory, host, port)] = rows(
        own_url,
        "SELECT session_user, inet_server_addr() IS NULL, split_part(current_setting('unix_socket_directories'), ',', 1),"
        " host(inet_server_addr()), current_setting('port')",
    )
    directory = quote(directory.strip('"'))
    address = f"/{own_url.database}?host={directory}&port={port}" if socket else f"{host}:{port}/{own_url.database}"
    url = f"postgresql://{user}@{address}".replace("%", "\\%")
    assert line == f"* * * * * rently-db run-due --once --quiet --url '{url}'"
    assert (name, schedule, method) == ("rently: run-due", "* * * * *", "crontab")
    assert status.startswith("add this line with crontab -e")
    assert status.endswith("pg_cron is not installed in this database")


def test_the_line_does_all_that_pg_cron_would(own_url: URL) -> None:
    """Cron's run validates, evaluates the alerts, records metrics, refreshes, and prints nothing that would be mailed."""
    [(line,)] = rows(own_url, "SELECT command FROM ops.setup_automated_testing_schedules()")
    with session(own_url, autocommit=True) as observer:
        observer.rows("DELETE FROM ops.metric_history")
        done = cron_runs(line, own_url)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert observer.rows("SELECT name FROM analytics.due_task WHERE last_ok IS NULL OR last_error IS NOT NULL") == []
        checks = observer.value("SELECT count(*) FROM ops.rule_catalogue WHERE 'validation' = ANY(tags)")
        assert observer.rows("SELECT asked, total_checks, failed_checks FROM ops.validation_run") == [("scheduled", checks, 0)]
        assert observer.value("SELECT count(*) FROM ops.data_validation_log") == checks
        assert observer.column("SELECT rule_name FROM ops.alert_rules WHERE is_active EXCEPT SELECT rule_name FROM ops.alert_state") == []
        assert observer.value("SELECT count(*) FROM ops.metric_history") > 0
        assert observer.value("SELECT count(*) FROM analytics.refresh_log WHERE ok") > 0
        again = cron_runs(line, own_url)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        assert observer.value("SELECT count(*) FROM ops.validation_run") == 1


@pytest.fixture
def odd_name(databases: Databases, head_template: str) -> Iterator[URL]:
    """A database at head whose name holds what URLs, shells and crontabs take for something else."""
    name = f"{head_template} 100%'s \\\"é"
    quoted = '"' + name.replace('"', '""') + '"'
    run_sql(databases.admin_url, f"CREATE DATABASE {quoted} TEMPLATE {head_template}")
    try:
        yield databases.admin_url.set(database=name)
    finally:
        run_sql(databases.admin_url, f"DROP DATABASE {quoted}")


def test_an_odd_name_of_a_database_survives_url_shell_and_crontab(odd_name: URL) -> None:
    """Blanks, quotes, backslashes and % in the name reach the command as they are."""
    with closing(psycopg2.connect(**connecting(odd_name))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT command FROM ops.setup_automated_testing_schedules()")
        [(line,)] = cursor.fetchall()
        connection.commit()
        done = cron_runs(line, odd_name)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        cursor.execute("SELECT count(*) FROM analytics.due_task WHERE last_ok IS NULL")
        assert cursor.fetchone() == (0,)


def connecting(url: URL) -> dict[str, str | int | None]:
    """How psycopg2 connects without a URL."""
    return {
        "dbname": url.database,
        "user": url.username,
        "password": url.password,
        "host": str(url.query.get("host", url.host or "")),
        "port": str(url.query.get("port", url.port or 5432)),
    }


def test_cron_hears_only_of_what_failed(own_url: URL) -> None:
    """A task that errors is one line and exit code 1; those after it ran; the trace is in due_task, the overview and the metrics."""
    run_sql(
        own_url,
        "INSERT INTO analytics.due_task (name, statement, every, repeats, last_run) VALUES"
        " ('broken', 'SELECT 1 / 0', '1 day', false, '1900-01-01')",
        "UPDATE analytics.due_task SET last_run = '1950-01-01' WHERE last_run IS NULL",
        "DELETE FROM ops.metric_history",
    )
    done = run(own_url, "--once", "--quiet")
    assert done.returncode == 1
    [line] = done.stdout.splitlines()
    assert re.fullmatch(r"[0-9:]{8} broken: 0 in [0-9.]+ s: division by zero", line)
    assert rows(own_url, "SELECT name, last_error FROM analytics.due_task WHERE last_ok IS NULL") == [("broken", "division by zero")]
    overview = "SELECT current_value, status FROM ops.get_system_health_overview() WHERE metric_name LIKE 'tasks that failed%'"
    assert rows(own_url, overview) == [("1: broken", "WARNING")]
    assert rows(own_url, "SELECT value, status FROM ops.metric_history WHERE metric_name LIKE 'tasks that failed%'") == [(1, "WARNING")]


def test_each_task_can_be_run_by_hand(own_url: URL) -> None:
    """run_task does what run-due does with each task of the schedule, and with the queue of loans."""
    with session(own_url, autocommit=True) as worker:
        worker.rows("INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM loan")
        assert worker.value("SELECT ops.run_task('queue')") == worker.value("SELECT count(*) FROM loan")
        names = worker.column("SELECT name FROM analytics.due_task")
        given = {name: worker.value("SELECT ops.run_task(%s)", name) for name in names}
        assert given["validate"] == worker.value("SELECT count(*) FROM ops.data_validation_log")
        assert given["evaluate alerts"] == worker.value("SELECT count(*) FROM ops.alert_state")
        assert given["refresh daily"] == worker.value("SELECT count(*) FROM analytics.refresh_order WHERE refresh_frequency = 'daily'")
        assert None not in given.values()
        wrong = "SELECT name FROM analytics.due_task WHERE last_ok < last_run OR last_ok IS NULL OR last_error IS NOT NULL"
        assert worker.rows(wrong) == []
        assert dict(worker.rows("SELECT name, last_result FROM analytics.due_task")) == given


def test_an_unknown_task_is_one_sentence(live: Session) -> None:
    """What is not there, or is switched off, is named, with where the names are."""
    live.rows("UPDATE analytics.due_task SET is_active = false WHERE name = 'validate'")
    for name in ("nonsense", "validate"):
        live.rows("SAVEPOINT here")
        with pytest.raises(psycopg2.errors.UndefinedObject) as refused:
            live.rows("SELECT ops.run_task(%s)", name)
        assert refused.value.diag.message_primary == f"there is no active task '{name}'"
        assert "analytics.due_task" in (refused.value.diag.message_hint or "")
        live.rows("ROLLBACK TO here")


@pytest.mark.parametrize(
    ("every", "ago", "is_due"),
    [
        ("15 minutes", "14 minutes 40 seconds", True),
        ("15 minutes", "14 minutes", False),
        ("30 seconds", "16 seconds", True),
        ("30 seconds", "10 seconds", False),
        ("6 hours", "5 hours 50 minutes", False),
        ("1 day", "13 hours", True),
        ("1 day", "11 hours", False),
        ("7 days", "6 days", False),
    ],
)
def test_only_what_is_due_is_done_by_the_clock(live: Session, every: str, ago: str, is_due: bool) -> None:
    """What run-due has just done is not done again; a clock that comes a little early loses no turn."""
    live.rows(
        "INSERT INTO analytics.due_task (name, statement, every, repeats, last_run, last_ok)"
        " VALUES ('mine', 'SELECT 7', %s, false, clock_timestamp() - %s::interval, clock_timestamp())",
        every,
        ago,
    )
    assert live.value("SELECT ops.run_task('mine', true)") == (7 if is_due else 0)
    assert live.value("SELECT ops.run_task('mine')") == 7


def test_a_run_that_was_cut_off_goes_on(own_url: URL) -> None:
    """One portion a call, each committed: the rules are checked once each, in one run of validations, and the sum is theirs."""
    with session(own_url, autocommit=True) as worker:
        state = "SELECT last_run, last_ok, last_result FROM analytics.due_task WHERE name = 'validate'"
        assert worker.value("SELECT ops.run_task('validate', true, 0)") == 1
        [(began, ended, _)] = worker.rows(state)
        assert ended is None
        while worker.value("SELECT ops.run_task('validate', true, 0)"):
            assert worker.rows(state)[0][:2] == (began, None)
        checks = worker.value("SELECT count(*) FROM ops.data_validation_log")
        assert checks == worker.value("SELECT count(*) FROM ops.rule_catalogue WHERE 'validation' = ANY(tags)")
        assert worker.value("SELECT count(*) FROM ops.validation_run WHERE finished_at IS NOT NULL") == 1
        [(since, ended, total)] = worker.rows(state)
        assert (since, total) == (began, checks)
        assert ended > began
        assert worker.value("SELECT ops.run_task('validate', true, 0)") == 0
        assert worker.value("SELECT count(*) FROM ops.validation_run") == 1


def test_what_portions_did_before_a_failure_stays(live: Session) -> None:
    """The third portion fails: two are done, the error is kept, and a warning goes to the server's log."""
    live.rows("CREATE TABLE public.done (n integer)")
    live.rows(
        "CREATE FUNCTION public.portion() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.done VALUES (1);"
        " RETURN 3 / (3 - (SELECT count(*) FROM public.done)); END $$"
    )
    live.rows("INSERT INTO analytics.due_task (name, statement, every, repeats) VALUES ('mine', 'SELECT public.portion()', '1 day', true)")
    assert live.value("SELECT ops.run_task('mine')") == 4
    assert live.value("SELECT count(*) FROM public.done") == 2
    assert live.rows("SELECT last_ok, last_error FROM analytics.due_task WHERE name = 'mine'") == [(None, "division by zero")]
    assert any("task mine failed: division by zero" in notice for notice in live.connection.notices)
    assert live.value("SELECT ops.run_task('mine', true)") == 0  # as with run-due: when it is due again


def test_a_task_that_runs_for_ever_is_stopped(live: Session) -> None:
    """An endless task is an error; an endless alert rule is noted as stopped, and the next call goes on with the others."""
    live.rows(
        "INSERT INTO analytics.due_task (name, statement, every, repeats) VALUES ('mine', 'SELECT 1 FROM pg_sleep(60)', '1 day', false)"
    )
    live.rows(
        "INSERT INTO ops.alert_rules (rule_name, description, severity, query)"
        " VALUES (' endless', 'd', 'low', 'SELECT 1 AS id, pg_sleep(60)::text AS detail')"
    )
    live.rows("DELETE FROM ops.alert_state")
    live.rows("SET LOCAL statement_timeout = '500ms'")
    assert live.value("SELECT ops.run_task('mine', true)") == 0
    live.rows("SELECT ops.run_task('evaluate alerts', true)")
    live.rows("SET LOCAL statement_timeout = 0")
    error = "SELECT last_error FROM analytics.due_task WHERE name = 'mine'"
    assert live.value(error) == "canceling statement due to statement timeout"
    stopped = "SELECT rule_name FROM ops.alert_state WHERE error = 'stopped by statement_timeout'"
    assert live.column(stopped) == [" endless"]
    assert live.value("SELECT last_ok FROM analytics.due_task WHERE name = 'evaluate alerts'") is None
    live.rows("UPDATE ops.alert_rules SET is_active = false WHERE rule_name = ' endless'")
    live.rows("SELECT ops.run_task('evaluate alerts', true)")
    assert live.column("SELECT rule_name FROM ops.alert_rules WHERE is_active EXCEPT SELECT rule_name FROM ops.alert_state") == []
    assert live.value("SELECT last_ok FROM analytics.due_task WHERE name = 'evaluate alerts'") is not None


def test_operators_get_the_line_without_reading_settings(live: Session) -> None:
    """rently_ops may not read where sockets are; its line leaves the directory to the client."""
    if live.value("SELECT inet_server_addr() IS NOT NULL"):
        pytest.skip("this server is reached over TCP")
    port = live.value("SELECT current_setting('port')")
    live.rows("SET LOCAL ROLE rently_ops")
    assert live.value("SELECT command FROM ops.setup_automated_testing_schedules()").endswith(f"?port={port}'")
