"""Two schedulers at once: the work is done once, the second says who is at work, and who is killed leaves its place."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2.errors
import pytest
from sqlalchemy import URL

from tests.analytics.live_book import session
from tests.analytics.test_run_due import QUIET, run, running, wait_until
from tests.ops.test_schedules import cron_runs
from tests.support.migrations import rows, run_sql

HOLD = "SELECT pg_advisory_lock(ops.run_due_lock())"
HOLDERS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32) + objid::bigint = ops.run_due_lock()"
)
BUSY = (
    "INSERT INTO analytics.due_task (name, statement, every, repeats, last_run)"
    " VALUES ('busy', 'SELECT 1 FROM pg_advisory_xact_lock(4711)', '1 day', false, '2020-01-01')"
)
"""A task that is at work for as long as a test holds the lock 4711."""


def test_refreshes_take_turns(own_url: URL) -> None:
    """Who finds another refresh under way waits for it: it does not pass for done, which would leave a day's views as they are."""
    with session(own_url) as other, session(own_url, autocommit=True) as worker:
        other.rows("SELECT pg_advisory_xact_lock(analytics.refresh_lock())")
        worker.rows("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            worker.rows("SELECT ops.run_task('refresh daily', true, 0)")
        assert worker.value("SELECT last_run FROM analytics.due_task WHERE name = 'refresh daily'") is None
        other.connection.rollback()
        assert worker.value("SELECT ops.run_task('refresh daily', true, 0)") == 1


def test_beside_run_due_the_jobs_of_pg_cron_leave_the_work_to_it(own_url: URL) -> None:
    """While run-due holds the lock a task says so and does nothing; when its session is ended the lock is gone."""
    with session(own_url, autocommit=True) as loop, session(own_url, autocommit=True) as job:
        loop.rows(HOLD)
        pid = loop.connection.get_backend_pid()
        assert job.value("SELECT ops.run_task('validate')") is None
        assert f"nothing done: rently-db run-due (process {pid}) is at work in this database" in job.connection.notices[-1]
        assert job.value("SELECT last_run FROM analytics.due_task WHERE name = 'validate'") is None
        job.rows("SELECT pg_terminate_backend(%s)", pid)
        wait_until(lambda: job.value(HOLDERS) == 0)
        assert job.value("SELECT ops.run_task('validate')") > 0


def test_two_jobs_do_a_task_once_and_run_due_waits(own_url: URL) -> None:
    """A task under way is not begun again, another task may be; run-due --once says which process is at work, and leaves."""
    with session(own_url) as first, session(own_url, autocommit=True) as second:
        first.rows("SELECT ops.run_task('record metrics')")
        assert second.value("SELECT ops.run_task('record metrics')") is None
        assert "nothing done: another session is running task record metrics" in second.connection.notices[-1]
        assert second.value("SELECT ops.run_task('make audit partitions')") is not None
        done = run(own_url, "--once")
        assert (done.returncode, done.stdout) == (0, "")
        assert f"process {first.connection.get_backend_pid()} (" in done.stderr
        assert "is keeping this database up to date; nothing to do here" in done.stderr
        assert run(own_url, "--once", "--quiet").stderr == ""
        assert second.value("SELECT count(*) FROM analytics.due_task WHERE last_run IS NOT NULL") == 1
        first.commit()
    assert run(own_url, "--once").returncode == 0
    assert rows(own_url, "SELECT count(*) FROM analytics.due_task WHERE last_ok IS NULL") == [(0,)]


@pytest.mark.parametrize("end", ["SIGKILL", "pg_terminate_backend"])
def test_a_killed_scheduler_leaves_its_place(own_url: URL, tmp_path: Path, end: str) -> None:
    """While the first is in a task the second says who is at work; killed in it, it loses the lock, and the second goes on."""
    run_sql(own_url, QUIET, BUSY)
    with session(own_url, autocommit=True) as observer, running(own_url, tmp_path, "first") as first:
        observer.rows("SELECT pg_advisory_lock(4711)")
        wait_until(lambda: observer.value("SELECT last_run > '2020-01-01' FROM analytics.due_task WHERE name = 'busy'"))
        [pid] = observer.column("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted")
        assert f"process {pid} (" in run(own_url, "--once").stderr
        if end == "SIGKILL":
            first.process.send_signal(signal.SIGKILL)
            first.process.wait(60)
            if observer.connection.server_version < 140000:
                # Before 14 the server notices when the statement is through.
                observer.rows("SELECT pg_advisory_unlock(4711)")
        else:
            # Under --once, which does not connect again: nobody takes the place before the second does.
            first.process.send_signal(signal.SIGSTOP)
            observer.rows("SELECT pg_terminate_backend(%s)", pid)
        wait_until(lambda: observer.value(HOLDERS) == 0)
        observer.rows("SELECT pg_advisory_unlock_all()")
        observer.rows("UPDATE analytics.due_task SET last_run = NULL")
        again = run(own_url, "--once", "--json")
        assert (again.returncode, again.stderr) == (0, "")
        assert '"task": "busy"' in again.stdout


def test_two_hosts_at_the_same_minute_do_the_work_once(own_url: URL) -> None:
    """Two run-due of the same minute: one run of validations, each rule checked once, each metric measured once."""
    [(line,)] = rows(own_url, "SELECT command FROM ops.setup_automated_testing_schedules()")
    run_sql(own_url, "DELETE FROM ops.metric_history")
    with ThreadPoolExecutor(2) as hosts:
        both = list(hosts.map(lambda _: cron_runs(line, own_url), range(2)))
    assert [(done.returncode, done.stdout, done.stderr) for done in both] == [(0, "", "")] * 2
    assert rows(own_url, "SELECT count(*) FROM ops.validation_run") == [(1,)]
    for table, key in (("data_validation_log", "validation_name"), ("metric_history", "metric_category, metric_name")):
        assert rows(own_url, f"SELECT max(c.n) FROM (SELECT count(*) AS n FROM ops.{table} GROUP BY {key}) AS c") == [(1,)]
