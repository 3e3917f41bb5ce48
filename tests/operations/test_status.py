"""`rently-db status`: how a migration stands, seen from elsewhere, in nobody's way."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import URL

from tests.support.commands import answer, ended, looked, old_snapshot, rently_db, running, until, waits
from tests.support.migrations import HEAD, chain, connect, run_sql, upgrade


@pytest.mark.parametrize(
    ("database", "sentence"),
    [
        ("empty_database", "not under migration; schema public has no tables"),
        ("book_database", "not under migration; v0, rently-db migrate adopts it"),
        ("head_database", f"at {HEAD}; nothing is under way"),
    ],
)
def test_where_nothing_is_under_way_it_says_what_the_database_is(request: pytest.FixtureRequest, database: str, sentence: str):
    """An empty database, a v0 that nobody adopted and one at v1 are told apart, with exit code 0."""
    found = answer(request.getfixturevalue(database), "status")
    assert found["sentence"] == sentence
    assert (found["deployment"], found["step"], found["unfinished"]) == (None, None, None)


def test_a_database_that_is_not_rentlys_is_called_so(empty_database: URL):
    """Tables of somebody else hint at the wrong URL."""
    run_sql(empty_database, "CREATE TABLE public.somebodys (id integer)")
    assert "perhaps the wrong database" in answer(empty_database, "status")["sentence"]


def test_at_work_it_names_the_step_the_deployment_the_lock_and_who_is_waited_for(book_database: URL):
    """While a migration waits, everybody can see where it is, who runs it, which lock it holds, and whose transaction is in the way."""
    with old_snapshot(book_database), running(book_database, "migrate") as process:
        found = until(lambda: waits(book_database), "a migration that waits")
        step = found["step"]
        assert (step["direction"], step["mode"]) == ("up", "concurrent")
        assert step["revision"] == "v1_expand"
        assert 1 < step["number"] < step["total"]
        assert step["step"].startswith("index ")
        assert found["runs"][0]["state"] == "running"
        assert (found["runs"][0]["target"], found["runs"][0]["client_pid"]) == (HEAD, process.pid)
        assert found["deployment"]["application"] == "rently_db"
        assert {"mode": "ShareUpdateExclusiveLock", "granted": True} in [
            {k: lock[k] for k in ("mode", "granted")} for lock in found["locks"]
        ]
        states = {row["revision"]: row["state"] for row in found["revisions"]}
        assert (states["v0"], states["v1_expand"], states["v1"]) == ("applied", "half way up", "not applied")
        people = rently_db(book_database, "status")
        assert people.code == 0
        assert "waits for process" in people.stdout
        assert "month end report" in people.stdout
        assert max(map(len, people.stdout.splitlines())) <= 80
        process.kill()
        ended(process)
    # The server works on until it notices; the lock is free when it has.
    until(lambda: looked(book_database)["unfinished"], "the end of the killed migration's session")
    stopped = answer(book_database, "status", code=1)
    assert (stopped["unfinished"], stopped["runs"][0]["state"]) == ("rently-db migrate", "killed")
    assert "nobody works on it; to go on: rently-db migrate" in stopped["sentence"]


def test_a_table_that_waits_for_a_lock_names_its_holder_also_between_two_tries(book_database: URL):
    """The migration steps back between its tries and waits for nobody then; whose lock keeps it from its work is named all the same."""
    connection = connect(book_database)
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'nightly batch'; BEGIN; LOCK TABLE public.loan IN ROW EXCLUSIVE MODE")
        with running(book_database, "migrate"):

            def retries() -> dict | None:
                found = looked(book_database)
                return found if found["step"] and found["step"]["retries"] > 2 else None

            step = until(retries, "a step that tries again")["step"]
            assert "nightly batch" in step["waiting_for"]
    connection.close()


def test_watched_it_ends_when_the_deployment_ends(book_database: URL):
    """--watch prints a line of JSON a look, the last one when nobody works any more; its exit code is that of the last look."""
    with old_snapshot(book_database), running(book_database, "migrate", "--until", "v1_expand") as process:
        until(lambda: waits(book_database), "a migration that waits")
        with running(book_database, "status", "--watch", "--json") as watcher:
            assert watcher.stdout is not None
            first = json.loads(watcher.stdout.readline())
            process.terminate()
            ended(process)
            said = ended(watcher)
    last = json.loads(said.stdout.splitlines()[-1])
    assert first["deployment"] is not None
    assert last["deployment"] is None
    assert (said.code, last["unfinished"]) == (1, "rently-db migrate --until v1_expand")


def test_it_stands_in_nobodys_way_and_nobody_in_its(head_database: URL):
    """It takes ACCESS SHARE alone: a session that holds EXCLUSIVE locks on all of the migration's memory does not keep it waiting."""
    connection = connect(head_database)
    with connection.cursor() as cursor:
        tables = "ops.migration_run, ops.migration_step, ops.alembic_version, ops.row_journal, public.loan"
        cursor.execute(f"BEGIN; LOCK TABLE {tables} IN EXCLUSIVE MODE")
        found = answer(head_database, "status")
    connection.close()
    assert [row["revision"] for row in found["revisions"]] == chain()
    assert all(row["state"] == "applied" and row["steps_done"] == row["steps"] for row in found["revisions"])


def test_a_run_killed_after_its_last_step_needs_nobody(empty_database: URL):
    """Killed between the last revision and its last word: the database is where it should be, and nothing is to be continued."""
    upgrade(empty_database, "v0")
    run_sql(empty_database, "UPDATE ops.migration_run SET state = 'running', finished_at = NULL")
    found = answer(empty_database, "status")
    assert (found["runs"][0]["state"], found["unfinished"]) == ("killed", None)


def test_a_server_that_is_not_there_is_exit_code_2():
    """One sentence, without the password."""
    said = rently_db("postgresql://u:geheim@127.0.0.1:1/none", "status")
    assert said.code == 2
    assert "no server answers" in said.stderr
    assert "geheim" not in said.text
