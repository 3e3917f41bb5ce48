"""`rently-db migrate`: what it says, how it ends, and that it goes on where it was stopped."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.support.commands import answer, ended, old_snapshot, rently_db, running, until, waits
from tests.support.looks import nothing_changes
from tests.support.migrations import HEAD, rows, run_sql

NEGATIVE = "UPDATE public.payment SET amount = -5 WHERE id = (SELECT min(id::text)::uuid FROM public.payment)"
UNREACHABLE = "postgresql://u:geheim@127.0.0.1:1/none"


def test_a_book_reaches_v1_and_every_row_is_accounted_for(book_database: URL):
    """The outcome names the way, the rows and the longest lock; the accounts of all twenty tables close; a second run has nothing to do."""
    outcome = answer(book_database, "migrate")
    assert (outcome["outcome"], outcome["from"], outcome["to"], outcome["error"]) == ("done", None, HEAD, None)
    assert len(outcome["accounts"]) == 20
    assert all(account["closes"] for account in outcome["accounts"])
    assert (outcome["rows"], outcome["retries"]) == rows(book_database, "SELECT rows_touched, retries FROM ops.migration_run")[0]
    assert outcome["rows"] > 0
    assert outcome["longest_lock"]["step"] is not None
    again = answer(book_database, "migrate")
    assert (again["outcome"], again["to"], again["accounts"]) == ("nothing to do", HEAD, [])


def test_people_get_a_log_on_stderr_and_a_summary_with_what_comes_next_on_stdout(book_database: URL):
    """Where there is no terminal, progress is lines on stderr; the summary and the next step stand alone on stdout."""
    said = rently_db(book_database, "migrate", "--until", "v1_expand")
    assert said.code == 0
    for expected in (
        "-> v1_expand",
        "duration",
        "rows touched",
        "longest lock held",
        "retries",
        "Recycle connection pools",
        "goes on to v1",
    ):
        assert expected in said.stdout
    assert "v1_expand (up)" in said.stderr
    assert "v1_expand (up)" not in said.stdout
    assert "already at v1_expand" in rently_db(book_database, "migrate", "--until", "v1_expand").stdout


def test_rows_that_nothing_mends_are_findings_and_nothing_is_changed(book_database: URL):
    """A negative payment stops the migration with exit code 1, a table for people, and for programs the preflight without its advice."""
    run_sql(book_database, NEGATIVE)
    with nothing_changes(book_database):
        said = rently_db(book_database, "migrate")
        outcome = answer(book_database, "migrate", code=1)
    assert said.code == 1
    assert "payment_amount_positive" in said.stdout
    assert "Nothing was changed" in said.stdout
    assert outcome["outcome"] == "findings"
    found = answer(book_database, "preflight", code=1)["findings"]
    assert outcome["findings"] == [f for f in found if not f["automatic"] and f["kind"] != "advice"]


def test_tables_that_are_not_those_of_v0_are_findings_too(book_database: URL):
    """A retyped column is said with the mend, and exit code 1."""
    run_sql(book_database, "ALTER TABLE public.loan ALTER COLUMN interest_rate TYPE double precision")
    with nothing_changes(book_database):
        said = rently_db(book_database, "migrate")
    assert said.code == 1
    assert "interest_rate" in said.stdout
    assert answer(book_database, "migrate", code=1)["findings"] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--until", "v7"], "'v7' is no revision; there are v0, v1_expand"),
        (["--mapping", "/nowhere.csv"], "the mapping file /nowhere.csv can't be read"),
        (["--on-violation", "ignore"], "'ignore' is not one of"),
        ([UNREACHABLE], "postgresql://u:***@127.0.0.1:1/none: no server answers"),
        (["mysql://u:geheim@h/d"], "not a PostgreSQL URL"),
    ],
)
def test_a_wrong_call_is_exit_code_2_and_changes_nothing(book_database: URL, arguments: list[str], sentence: str):
    """A wrong revision, file, option or URL is one sentence with the mend, without a traceback or a password."""
    with nothing_changes(book_database):
        said = rently_db(book_database, "migrate", *arguments)
    assert said.code == 2
    assert sentence in " ".join(said.stderr.replace("│", " ").split())
    assert "Traceback" not in said.stderr
    assert "geheim" not in said.text
    assert said.stdout == ""


def test_a_revision_behind_the_present_one_is_refused_with_the_way_back(head_database: URL):
    """Who asks migrate to go back is told which command does."""
    said = rently_db(head_database, "migrate", "--until", "v1_expand")
    assert said.code == 2
    assert "alembic downgrade v1_expand" in said.stderr


def test_a_mapping_file_says_what_unknown_values_mean(book_database: URL, tmp_path: Path):
    """With a mapping file a product of unknown kind passes; without it it stops the migration."""
    run_sql(book_database, "UPDATE public.product SET code = 'ODD_1' WHERE id = (SELECT min(id::text)::uuid FROM public.product)")
    assert rently_db(book_database, "migrate").code == 1
    mapping = tmp_path / "map.csv"
    mapping.write_text("table,column,from,to\nproduct,category,ODD_1,b2b_sme\n", encoding="utf-8")
    assert rently_db(book_database, "migrate", "--mapping", str(mapping)).code == 0
    assert rows(book_database, "SELECT category FROM public.product WHERE code = 'ODD_1'") == [("b2b_sme",)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_stopped_in_the_middle_of_a_long_statement_it_ends_at_once_and_goes_on_later(book_database: URL, number: signal.Signals):
    """Ctrl-C or SIGTERM ends even a statement that waits for hours: exit code 3; the same command, run again, does the rest."""
    with old_snapshot(book_database):
        with running(book_database, "migrate", "--until", "v1_expand", "--json") as process:
            # Nobody else would end this wait: the other session's transaction stays open.
            until(lambda: waits(book_database), "an index build that waits")
            process.send_signal(number)
            said = ended(process)
        assert said.code == 3
        assert "rently-db: stopped; what was done stays, and the same command goes on from there" in said.stderr
        assert '"outcome": "failed"' in said.stdout
        assert "Traceback" not in said.stderr
        assert rows(
            book_database, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE%CONCURRENTLY%' AND state = 'active'"
        ) == [(0,)]
    assert answer(book_database, "migrate", "--until", "v1_expand")["outcome"] == "done"


def test_a_connection_that_an_administrator_ends_is_resumable(book_database: URL):
    """Lost on the way: one sentence, exit code 3, and the same command goes on."""
    with old_snapshot(book_database):
        with running(book_database, "migrate", "--until", "v1_expand") as process:
            found = until(lambda: waits(book_database), "an index build that waits")
            run_sql(book_database, f"SELECT pg_terminate_backend({found['runs'][0]['backend_pid']})")
            said = ended(process)
        assert said.code == 3, said.text
        assert "run the same command again" in said.stderr
        assert "Traceback" not in said.stderr
    assert answer(book_database, "migrate", "--until", "v1_expand")["outcome"] == "done"


def test_a_row_that_vanished_behind_everybodys_back_is_exit_code_1(book_database: URL):
    """A row deleted with triggers off is explained by nobody: the database is at v1, and the accounts say that it doesn't close."""
    assert rently_db(book_database, "migrate", "--until", "v1_backfill").code == 0
    run_sql(
        book_database,
        "SET session_replication_role = replica; DELETE FROM public.fx_rate WHERE id = (SELECT id FROM public.fx_rate LIMIT 1)",
    )
    outcome = answer(book_database, "migrate", code=1)
    assert (outcome["outcome"], outcome["to"]) == ("findings", HEAD)
    assert any(sentence.startswith("fx_rate: ") for sentence in outcome["unexplained"])


def test_another_deployment_that_does_not_end_is_waited_for_and_then_left_alone(book_database: URL):
    """A pipeline that finds another at work waits as long as it is told, then ends with exit code 3: it may be run again."""
    with old_snapshot(book_database), running(book_database, "migrate", "--until", "v1_expand") as first:
        until(lambda: waits(book_database), "an index build that waits")
        said = rently_db(book_database, "migrate", RENTLY_DEPLOY_WAIT="1")
        assert said.code == 3
        assert "another deployment" in said.stderr
        first.terminate()
        ended(first)


def test_on_request_rows_that_nothing_mends_are_set_aside_up_to_a_limit(book_database: URL):
    """A rate of zero stops the migration, or goes into quarantine if that is asked for; more rows than allowed stop it again."""
    run_sql(book_database, "UPDATE public.fx_rate SET rate = 0 WHERE id IN (SELECT id FROM public.fx_rate LIMIT 2)")
    with nothing_changes(book_database):
        refused = answer(book_database, "migrate", "--on-violation", "quarantine", "--quarantine-limit", "1", code=1)
    assert refused["outcome"] == "findings"
    assert "at most 1 may be set aside" in refused["error"]
    outcome = answer(book_database, "migrate", "--on-violation", "quarantine")
    fates = {account["table"]: account["fates"] for account in outcome["accounts"]}
    assert (outcome["to"], fates["fx_rate"]["quarantined"]) == (HEAD, 2)
