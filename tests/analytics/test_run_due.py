"""`rently-db run-due` keeps a database up to date: alone, through lost connections, until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.analytics import live_book
from tests.analytics.live_book import WAITING, Session, session
from tests.support.migrations import ROOT, plain, run_sql

live_template, live_url, own_url = live_book.live_template, live_book.live_url, live_book.own_url

NOTE = "INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM public.loan"
QUIET = "UPDATE analytics.due_task SET is_active = false"


def command(url: URL, *options: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "rently_db", "run-due", "--url", plain(url), *options]


def run(url: URL, *options: str) -> subprocess.CompletedProcess[str]:
    """The command, until it leaves by itself."""
    return subprocess.run(command(url, *options), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


class Running:
    """The command at work, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str], out: Path, err: Path) -> None:
        self.process = process
        self.out, self.err = out, err

    def says(self, text: str) -> None:
        """Wait until it has said so, on either stream."""
        wait_until(lambda: text in self.out.read_text() + self.err.read_text(), lambda: self.out.read_text() + self.err.read_text())

    def ends(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def running(url: URL, folder: Path, name: str, *options: str) -> Iterator[Running]:
    """The command in a process of its own, killed in the end if it still runs."""
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(
            command(url, "--interval", "0.2", *options),
            cwd=ROOT,
            stdout=stdout,
            stderr=stderr,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            yield Running(process, out, err)
        finally:
            process.kill()
            process.wait()


def wait_until(condition: Callable[[], bool], said: Callable[[], str] = str) -> None:
    """Look again until it is so."""
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen: {said()}"
        time.sleep(0.05)


def empty(observer: Session) -> bool:
    """Whether nothing waits."""
    return observer.column(WAITING) == []


def test_once_does_what_is_due_and_leaves(own_url: URL) -> None:
    """With --once, as cron runs it, the queue is worked off and every task of the schedule has run; a second call finds nothing due."""
    with session(own_url, autocommit=True) as observer:
        observer.rows(NOTE)
        loans = observer.value("SELECT count(*) FROM loan")
        done = run(own_url, "--once", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert next(line["result"] for line in lines if line["task"] == "queue") == loans
        assert all(set(line) == {"at", "task", "result", "seconds", "error"} and line["error"] is None for line in lines)
        assert empty(observer)
        assert (
            observer.rows("SELECT name FROM analytics.due_task WHERE last_ok IS NULL OR last_error IS NOT NULL OR last_ok < last_run") == []
        )
        assert observer.rows("SELECT 1 FROM analytics.published_day WHERE day = '2026-06-29' AND source = 'nightly'") == [(1,)]
    again = run(own_url, "--once", "--json")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_writers_faster_than_the_worker_do_not_keep_it_from_its_tasks(own_url: URL) -> None:
    """Where the queue is never empty, the day's tasks are done all the same, and --once leaves."""
    run_sql(
        own_url,
        "CREATE FUNCTION public.note_again() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO analytics.loan_state_queue (loan_id) VALUES (OLD.loan_id); RETURN NULL; END'",
        "CREATE TRIGGER note_again AFTER DELETE ON analytics.loan_state_queue FOR EACH ROW EXECUTE FUNCTION public.note_again()",
        NOTE,
    )
    done = run(own_url, "--once", "--json")
    assert done.returncode == 0, done.stderr
    with session(own_url) as observer:
        assert not empty(observer)
        assert observer.value("SELECT count(*) FROM analytics.due_task WHERE is_active AND last_ok IS NULL") == 0


def test_the_schedule_is_a_table(own_url: URL) -> None:
    """A task that somebody adds is run, one that is switched off is not, and what fails is written down and told by the exit code."""
    run_sql(
        own_url,
        QUIET,
        "INSERT INTO analytics.due_task (name, statement, every, repeats) VALUES "
        "('mine', 'DELETE FROM analytics.restatement_queue RETURNING 7', '1 hour', false), ('broken', 'SELECT 1 / 0', '1 hour', false), "
        "('portions', 'WITH d AS (DELETE FROM analytics.restatement_queue WHERE id = (SELECT min(id) FROM analytics.restatement_queue) "
        "RETURNING 1) SELECT count(*) FROM d', '1 hour', true)",
        "INSERT INTO analytics.restatement_queue (loan_id) SELECT id FROM loan LIMIT 3",
        "UPDATE analytics.due_task SET last_run = now() WHERE name = 'mine'",
    )
    done = run(own_url, "--once", "--json")
    assert done.returncode == 1
    told = {line["task"]: (line["result"], line["error"]) for line in map(json.loads, done.stdout.splitlines())}
    assert told == {"broken": (0, "division by zero"), "portions": (3, None)}
    with session(own_url) as observer:
        tasks = observer.rows(
            "SELECT name, last_ok IS NULL, last_result, last_error FROM analytics.due_task WHERE last_run IS NOT NULL ORDER BY 1"
        )
    assert tasks == [("broken", True, None, "division by zero"), ("mine", True, None, None), ("portions", False, 3, None)]


def test_what_a_task_warns_of_is_told(own_url: URL) -> None:
    """A materialized view that can't be refreshed is no reason to stop, and is not passed over in silence."""
    run_sql(
        own_url,
        QUIET,
        "INSERT INTO analytics.due_task (name, statement, every, repeats) VALUES ('warns', 'SELECT analytics.warn()', '1 hour', false)",
        "CREATE FUNCTION analytics.warn() RETURNS integer LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE WARNING 'mv_x was not refreshed: why'; RETURN 2; END $$",
    )
    done = run(own_url, "--once")
    assert done.returncode == 1
    assert "warns: 2 in" in done.stdout
    assert "mv_x was not refreshed: why" in done.stdout


def test_a_task_that_takes_too_long_is_stopped(own_url: URL) -> None:
    """It is told with the reason, the tasks after it are done, and their own time is not limited by it."""
    run_sql(
        own_url,
        QUIET,
        "INSERT INTO analytics.due_task (name, statement, every, repeats, time_limit, last_run) VALUES"
        " ('endless', 'SELECT 1 FROM pg_sleep(60)', '1 hour', false, '300 milliseconds', '2026-01-01'),"
        " ('later', 'SELECT 7 FROM pg_sleep(0.6)', '1 hour', false, NULL, '2026-01-02')",
    )
    done = run(own_url, "--once", "--json")
    assert done.returncode == 1
    told = {line["task"]: (line["result"], line["error"]) for line in map(json.loads, done.stdout.splitlines())}
    assert told == {"endless": (0, "canceling statement due to statement timeout"), "later": (7, None)}


def test_a_long_refresh_lets_loans_and_the_minute_go_on(own_url: URL) -> None:
    """Materialized views are refreshed one a transaction; in between loans are computed, and what is kept for a minute is refreshed."""
    run_sql(
        own_url,
        QUIET,
        "UPDATE analytics.due_task SET is_active = true WHERE name IN ('refresh minute', 'refresh daily')",
        "DELETE FROM analytics.refresh_log",
        # Whenever a view is refreshed, a loan changes.
        "CREATE FUNCTION analytics.change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM public.loan LIMIT 1; RETURN NULL; END $$",
        "CREATE TRIGGER change AFTER INSERT ON analytics.refresh_log EXECUTE FUNCTION analytics.change()",
        "UPDATE analytics.due_task SET every = '1 millisecond' WHERE name = 'refresh minute'",
    )
    done = run(own_url, "--once", "--json")
    assert done.returncode == 0, done.stderr
    tasks = [line["task"] for line in map(json.loads, done.stdout.splitlines())]
    assert tasks.count("queue") > 10
    assert tasks.count("refresh minute") > 10
    with session(own_url) as observer:
        daily = observer.column(
            "SELECT g.view_name FROM analytics.refresh_log AS g JOIN analytics.refresh_order AS o USING (view_name)"
            " WHERE o.refresh_frequency = 'daily'"
        )
        every = observer.column("SELECT view_name FROM analytics.refresh_order WHERE refresh_frequency = 'daily'")
    assert sorted(daily) == sorted(every)


def test_sigterm_and_ctrl_c_end_it_in_order(own_url: URL, tmp_path: Path) -> None:
    """Told to stop, it finishes its transaction, leaves nothing half done, and exits 0."""
    run_sql(own_url, QUIET)
    for number in (signal.SIGTERM, signal.SIGINT):
        with session(own_url, autocommit=True) as observer, running(own_url, tmp_path, f"stops{int(number)}") as loop:
            observer.rows(NOTE)
            loop.says("queue: ")
            wait_until(lambda: empty(observer))
            assert loop.ends(number) == 0
            assert "stopping after the present batch" in loop.err.read_text()


def test_two_hosts_do_not_double_the_work(own_url: URL, tmp_path: Path) -> None:
    """A second loop says who is at work and waits; with --once it leaves; when the first ends the second goes on."""
    run_sql(own_url, QUIET)
    with session(own_url, autocommit=True) as observer, running(own_url, tmp_path, "first") as first:
        observer.rows(NOTE)
        first.says("queue: ")
        with running(own_url, tmp_path, "second") as second:
            second.says("is keeping this database up to date; waiting for it to end")
            leaves = run(own_url, "--once")
            assert leaves.returncode == 0
            assert "nothing to do here" in leaves.stderr
            assert first.ends() == 0
            second.says("this one goes on")
            observer.rows(NOTE)
            second.says("queue: ")
            assert second.ends() == 0
        assert (tmp_path / "second.err").read_text().count("waiting for it to end") == 1


def test_it_survives_a_lost_connection(own_url: URL, tmp_path: Path) -> None:
    """When the server ends its session it says so, connects again, and goes on with what waits."""
    run_sql(own_url, QUIET)
    with session(own_url, autocommit=True) as observer, running(own_url, tmp_path, "lost") as loop:
        observer.rows(NOTE)
        loop.says("queue: ")
        ended = observer.value(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'rently_db' AND pid <> pg_backend_pid()"
        )
        assert ended == 1
        loop.says("next try in 1 s")
        loop.says("connected again")
        observer.rows(NOTE)
        wait_until(lambda: empty(observer))
        assert loop.ends() == 0
        assert "Traceback" not in loop.err.read_text()


def test_a_database_without_analytics_is_told(empty_database: URL) -> None:
    """On a database that is not at v1_analytics it says what to run, as usage that is to be mended."""
    done = run(empty_database, "--once")
    assert done.returncode == 2
    assert "run rently-db migrate" in done.stderr


def test_a_downgrade_ends_it(own_url: URL, tmp_path: Path) -> None:
    """When a downgrade takes schema analytics away while it runs, it ends with the same sentence instead of failing for ever."""
    run_sql(own_url, QUIET)
    with running(own_url, tmp_path, "gone") as loop:
        run_sql(own_url, NOTE)
        loop.says("queue: ")
        run_sql(own_url, "DROP SCHEMA analytics CASCADE")
        assert loop.process.wait(60) == 2
        assert "not at revision v1_analytics" in loop.err.read_text()


@pytest.mark.parametrize("option", [("--interval", "0"), ("--batch", "0"), ("--batch", "9999")])
def test_senseless_options_are_refused(own_url: URL, option: tuple[str, str]) -> None:
    """An interval of nothing, or a batch of none or too many, is a usage error."""
    assert run(own_url, "--once", *option).returncode == 2
