"""Schedules inside the database, for real: PostgreSQL 15 with pg_cron and pg_stat_statements, as Debian packages them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2.errors
import pytest
from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.server import Server
from tests.analytics.live_book import Session, session, set_day
from tests.analytics.test_run_due import run, running
from tests.support.books import write_v0_book
from tests.support.commands import rently_db
from tests.support.migrations import downgrade, rows, run_sql, upgrade

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/pg_cron.control")
SETUP = "SELECT schedule_name, status FROM ops.setup_automated_testing_schedules()"
OURS = "SELECT jobname FROM cron.job WHERE jobname LIKE 'rently: %%'"
EACH_MINUTE = "SELECT cron.alter_job(jobid, schedule := '* * * * *') FROM cron.job"

pytestmark = pytest.mark.skipif(
    not ((PROGRAMS / "postgres").is_file() and EXTENSION.is_file()),
    reason="PostgreSQL 15 with pg_cron is not installed: apt-get install postgresql-15 postgresql-15-cron (no cluster of Debian's is used)",
)


def settings(**others: str) -> dict[str, str]:
    """What the server needs so that pg_cron works in database rently."""
    loaded = {"shared_preload_libraries": "pg_cron,pg_stat_statements", "cron.database_name": "rently", "cron.host": "127.0.0.1"}
    return {**loaded, "max_worker_processes": "40", **others}


@pytest.fixture(scope="module")
def cron_server() -> Iterator[Server]:
    """A server of the module's own, in which pg_cron connects over TCP without a password, and two databases at head: rently and base."""
    with Server(PROGRAMS, tcp=True, settings=settings(), hba=["host rently all 127.0.0.1/32 trust"]) as server:
        prepare(server)
        yield server


def prepare(server: Server) -> None:
    """A book of 60 loans at head, without extensions in base, with them in rently."""
    base, url = parse_url(server.url("base")), parse_url(server.url("rently"))
    run_sql(parse_url(server.url()), "CREATE DATABASE base")
    write_v0_book(base, 60)
    set_day(base)
    upgrade(base)
    run_sql(parse_url(server.url()), "CREATE DATABASE rently TEMPLATE base")
    set_day(url)
    run_sql(url, "CREATE EXTENSION pg_cron", "CREATE EXTENSION pg_stat_statements")


@pytest.fixture
def url(cron_server: Server) -> Iterator[URL]:
    """URL of the database with pg_cron; without jobs of ours before and after a test."""
    own = parse_url(cron_server.url("rently"))
    run_sql(own, "SELECT ops.unschedule_jobs()", "UPDATE analytics.due_task SET is_active = true, last_run = NULL, last_ok = NULL")
    yield own
    run_sql(own, "SELECT cron.unschedule(jobid) FROM cron.job")


def until(condition: Callable[[], bool], said: Callable[[], object]) -> None:
    """Look again until it is so: pg_cron begins what is due at the next full minute."""
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen: {said()}"
        time.sleep(0.5)


def test_every_task_becomes_one_job(url: URL) -> None:
    """Each active task, the queue and pg_cron's own log have a job; a second call doubles nothing; what is switched off loses its job."""
    with session(url, autocommit=True) as operator:
        tasks = {f"rently: {name}" for name in operator.column("SELECT name FROM analytics.due_task")}
        assert dict(operator.rows(SETUP)) == dict.fromkeys(tasks | {"rently: queue", "rently: clean up pg_cron"}, "scheduled")
        jobs = operator.rows("SELECT jobid, jobname, schedule, command FROM cron.job ORDER BY 1")
        assert len(jobs) == len(tasks) + 2
        assert set(dict(operator.rows(SETUP)).values()) == {"was scheduled already"}
        assert operator.rows("SELECT jobid, jobname, schedule, command FROM cron.job ORDER BY 1") == jobs
        operator.rows("SELECT cron.schedule('theirs', '0 5 * * *', 'SELECT 1')")
        operator.rows("UPDATE analytics.due_task SET is_active = name <> 'validate'")
        operator.rows("SELECT cron.alter_job(jobid, schedule := '* * * * *') FROM cron.job WHERE jobname = 'rently: record metrics'")
        told = dict(operator.rows(SETUP))
        assert told["rently: ..."] == "1 unscheduled: their tasks are no more, or switched off"
        assert told["rently: record metrics"] == "changed"
        assert {job for _, job, *_ in jobs} - set(operator.column(OURS)) == {"rently: validate"}
        assert operator.value("SELECT count(*) FROM cron.job WHERE jobname = 'theirs'") == 1
        operator.rows("SELECT cron.alter_job(jobid, active := false) FROM cron.job WHERE jobname = 'rently: queue'")
        assert dict(operator.rows(SETUP))["rently: queue"] == "switched off by cron.alter_job"


def test_jobs_run_and_leave_results(url: URL) -> None:
    """Within a minute or two every job has run: validated, evaluated, measured, refreshed; what fails or never ends leaves its trace."""
    with session(url, autocommit=True) as operator:
        operator.rows(
            "INSERT INTO analytics.due_task (name, statement, every, repeats, time_limit) VALUES"
            " ('endless', 'SELECT 1 FROM pg_sleep(600)', '1 hour', false, '1 second'), ('broken', 'SELECT 1 / 0', '1 hour', false, NULL)"
        )
        operator.rows("DELETE FROM ops.metric_history")
        operator.rows("INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM loan")
        operator.rows(SETUP)
        operator.rows(EACH_MINUTE)
        waits = "SELECT name FROM analytics.due_task WHERE last_ok IS NULL AND last_error IS NULL"
        until(lambda: operator.column(waits) == [], lambda: operator.rows(waits))
        never = "SELECT jobname FROM cron.job WHERE jobid NOT IN (SELECT jobid FROM cron.job_run_details WHERE status = 'succeeded')"
        until(lambda: operator.column(never) == [], lambda: operator.rows(never))
        assert operator.rows("SELECT command, return_message FROM cron.job_run_details WHERE status = 'failed'") == []
        checks = operator.value("SELECT count(*) FROM ops.rule_catalogue WHERE 'validation' = ANY(tags)")
        assert operator.rows("SELECT asked, total_checks, failed_checks FROM ops.validation_run") == [("scheduled", checks, 0)]
        assert operator.value("SELECT count(*) FROM ops.data_validation_log") == checks
        assert operator.column("SELECT rule_name FROM ops.alert_rules WHERE is_active EXCEPT SELECT rule_name FROM ops.alert_state") == []
        assert operator.value("SELECT count(*) FROM ops.alert_state WHERE error IS NOT NULL") == 0
        assert operator.value("SELECT count(*) FROM ops.metric_history") > 0
        assert operator.value("SELECT count(*) FROM analytics.loan_state_queue") == 0
        left = "SELECT view_name FROM analytics.refresh_order EXCEPT SELECT view_name FROM analytics.refresh_log WHERE ok"
        assert operator.column(left) == []
        assert dict(operator.rows("SELECT name, last_error FROM analytics.due_task WHERE last_error IS NOT NULL")) == {
            "broken": "division by zero",
            "endless": "canceling statement due to statement timeout",
        }
        failing = "SELECT current_value FROM ops.get_system_health_overview() WHERE metric_name LIKE 'tasks that failed%%'"
        assert operator.value(failing) == "2: broken, endless"
        operator.rows("DELETE FROM analytics.due_task WHERE name IN ('endless', 'broken')")


def test_what_failed_is_in_the_servers_log(cron_server: Server, url: URL) -> None:
    """The warning of a task that failed is where a DBA looks first."""
    run_sql(url, "INSERT INTO analytics.due_task (name, statement, every, repeats) VALUES ('noisy', 'SELECT 2 / 0', '1 hour', false)")
    run_sql(url, "SELECT ops.run_task('noisy')", "DELETE FROM analytics.due_task WHERE name = 'noisy'")
    assert "task noisy failed: division by zero" in (cron_server.home / "server.log").read_text()


def test_run_due_beside_pg_cron_does_not_double_the_work(url: URL, tmp_path: Path) -> None:
    """While run-due is at work the jobs of pg_cron run and leave the task to it; when it has ended they do it again."""
    with session(url, autocommit=True) as operator:
        operator.rows("CREATE TABLE public.who (application text, at timestamptz DEFAULT clock_timestamp())")
        operator.rows(
            "INSERT INTO analytics.due_task (name, statement, every, repeats) VALUES ('mine',"
            " 'INSERT INTO public.who SELECT current_setting(''application_name'') RETURNING 1', '1 millisecond', false)"
        )
        operator.rows("UPDATE analytics.due_task SET is_active = name = 'mine'")
        try:
            with running(url, tmp_path, "loop") as loop:
                until(lambda: operator.value("SELECT count(*) FROM public.who") > 0, loop.err.read_text)
                operator.rows(SETUP)
                # Of a job of two statements pg_cron says succeeded after the first.
                ran = (
                    "SELECT count(*) FROM cron.job_run_details AS d JOIN cron.job AS j USING (jobid)"
                    " WHERE j.jobname = 'rently: mine' AND d.return_message = '1 row'"
                )
                until(lambda: operator.value(ran) > 0, lambda: operator.rows("SELECT * FROM cron.job_run_details"))
                assert set(operator.column("SELECT application FROM public.who")) == {"rently_db"}
                assert loop.ends() == 0
            until(lambda: "pg_cron" in operator.column("SELECT application FROM public.who"), lambda: operator.rows("TABLE public.who"))
        finally:
            operator.rows("DROP TABLE public.who")
            operator.rows("DELETE FROM analytics.due_task WHERE name = 'mine'")


def test_run_due_once_leaves_what_pg_cron_is_at(url: URL) -> None:
    """Cron's run-due beside a job of pg_cron says which process is at work, and does nothing."""
    with session(url) as holder, session(url, autocommit=True) as operator:
        holder.rows("SELECT pg_advisory_xact_lock(4711)")
        operator.rows(
            "INSERT INTO analytics.due_task (name, statement, every, repeats)"
            " VALUES ('held', 'SELECT 1 FROM pg_advisory_xact_lock(4711)', '1 day', false)"
        )
        operator.rows("UPDATE analytics.due_task SET is_active = name = 'held'")
        operator.rows(SETUP)
        operator.rows(EACH_MINUTE)
        held = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
        until(lambda: bool(operator.column(held)), lambda: operator.rows("SELECT * FROM cron.job_run_details"))
        done = run(url, "--once")
        assert (done.returncode, done.stdout) == (0, "")
        assert f"process {operator.value(held)} (pg_cron" in done.stderr
        holder.rows("SELECT pg_advisory_unlock_all()")
        holder.connection.rollback()
        until(
            lambda: operator.value("SELECT last_ok IS NOT NULL FROM analytics.due_task WHERE name = 'held'"),
            lambda: operator.rows("TABLE analytics.due_task"),
        )
        operator.rows("DELETE FROM analytics.due_task WHERE name = 'held'")


def test_slow_statements_show(url: URL) -> None:
    """A statement of more than 5 s, called more than ten times, opens an incident and is in the figures."""

    def slow(_: int) -> None:
        run_sql(url, "SELECT pg_sleep(5.05)")

    with ThreadPoolExecutor(11) as callers:
        list(callers.map(slow, range(11)))
    with session(url) as operator:
        assert operator.value("SELECT ops.statements_missing()") is None
        assert operator.value("SELECT query FROM ops.slow_statements(5000, 10)") == "SELECT pg_sleep($1)"
        assert operator.value("SELECT ops.evaluate_alert_rule('slow_queries_detected')") == 1
        figures = {name: rest for name, *rest in operator.rows("SELECT * FROM ops.get_performance_metrics()")}
        slowest, _, status, benchmark = figures["slowest statement called more than 10 times, in the mean"]
        assert slowest > 5000
        assert (status, benchmark) == ("WARNING", "at most 3000")
        assert dict(operator.rows("SELECT * FROM ops.initialize_monitoring_system()"))["slow statements"] == "watched"


def test_who_may_not_use_pg_cron_is_told_the_grant(url: URL) -> None:
    """An operator without rights on schema cron hears what a superuser must run; with them the jobs he schedules are his own."""
    with session(url) as operator:
        operator.rows("CREATE ROLE rently_test_operator LOGIN IN ROLE rently_ops")
        operator.rows("SAVEPOINT here")
        operator.rows("SET LOCAL ROLE rently_test_operator")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege) as refused:
            operator.rows(SETUP)
        assert refused.value.diag.message_primary == "role rently_test_operator may not use pg_cron"
        assert refused.value.diag.message_hint == "As a superuser: GRANT USAGE ON SCHEMA cron TO rently_test_operator"
        operator.rows("ROLLBACK TO here")
        operator.rows("GRANT USAGE ON SCHEMA cron TO rently_test_operator")
        operator.rows("SET LOCAL ROLE rently_test_operator")
        assert set(dict(operator.rows(SETUP)).values()) == {"scheduled"}
        assert operator.column("SELECT DISTINCT username FROM cron.job") == ["rently_test_operator"]


def test_doctor_works_for_who_may_not_read_all_settings(cron_server: Server, url: URL) -> None:
    """Where pg_cron works is a setting for superusers; doctor says to a plain role that it is installed, instead of breaking off."""
    run_sql(url, "CREATE ROLE rently_test_plain LOGIN")
    port = cron_server.url(tcp=True).rpartition(":")[2].partition("/")[0]
    told = rently_db(f"postgresql://rently_test_plain@127.0.0.1:{port}/rently", "doctor", "--json")
    assert '"pg_cron"' in told.stdout, told.stderr
    assert "cron.database_name" not in told.stdout + told.stderr


def test_a_time_limit_of_the_role_is_shown(url: URL) -> None:
    """A refresh has no limit of its own: one that the role has in this database would stop it, and the status says how to lift it."""
    run_sql(url, "ALTER ROLE postgres IN DATABASE rently SET statement_timeout = '30s'")
    try:
        told = dict(rows(url, SETUP))
    finally:
        run_sql(url, "ALTER ROLE postgres IN DATABASE rently RESET statement_timeout")
    mend = "ALTER ROLE postgres IN DATABASE rently SET statement_timeout = 0"
    assert told["rently: refresh daily"] == f"scheduled; statement_timeout of postgres stops it: {mend}"
    assert told["rently: validate"] == "scheduled"


def test_another_database_of_the_server_gets_the_line_for_cron(cron_server: Server, url: URL) -> None:
    """pg_cron works in one database: in the others the call says in which, and gives the line of a crontab."""
    [(line, method, status)] = rows(
        parse_url(cron_server.url("base")), "SELECT command, method, status FROM ops.setup_automated_testing_schedules()"
    )
    assert (method, line.startswith("* * * * * rently-db run-due")) == ("crontab", True)
    assert status.endswith(f"pg_cron works in database {url.database}, not in this one")


def test_a_downgrade_takes_its_jobs_along(url: URL) -> None:
    """Down to v1_analytics, with jobs at work: ours are gone, others stay; up again, nothing is scheduled until somebody asks."""
    with session(url, autocommit=True) as operator:
        operator.rows("SELECT cron.schedule('theirs', '0 5 * * *', 'SELECT 1')")
        operator.rows(SETUP)
        operator.rows(EACH_MINUTE)
        began = operator.value("SELECT coalesce(max(runid), 0) FROM cron.job_run_details")
        until(lambda: operator.value("SELECT max(runid) > %s FROM cron.job_run_details", began), lambda: None)
        downgrade(url, "v1_analytics")
        assert operator.column("SELECT jobname FROM cron.job") == ["theirs"]
        upgrade(url)
        assert operator.column("SELECT jobname FROM cron.job") == ["theirs"]
        assert_scheduled(operator)


def assert_scheduled(operator: Session) -> None:
    """Every task has its job."""
    told = dict(operator.rows(SETUP))
    assert set(told.values()) == {"scheduled"}
    assert sorted(told) == sorted(operator.column(OURS))
