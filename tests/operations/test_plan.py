"""``rently-db plan``: says what a migration will do, and does nothing."""

from __future__ import annotations

import json
from typing import Any

import psycopg2
import pytest
from alembic.util import CommandError
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from rently_db.cli import app, main
from rently_db.migrate.actions import Action, Mode
from rently_db.migrate.runner import Runner
from rently_db.operations.plan import Source, Span, StepState, make_plan
from rently_db.operations.plan import rows as counting
from rently_db.operations.plan.report import readable_range, seconds
from rently_db.testing.databases import Databases
from tests.support.migrations import HEAD, chain, downgrade, dump, plain, rows, run_sql, upgrade


def plan(url: URL | str, *arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(
        app, ["plan", url if isinstance(url, str) else plain(url), *arguments], catch_exceptions=False, env={"COLUMNS": "80"}
    )


def as_json(url: URL, *arguments: str) -> dict[str, Any]:
    """What ``--json`` printed."""
    result = plan(url, "--json", *arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("arguments", [(), ("--steps",)], ids=["kinds", "steps"])
@pytest.mark.parametrize("database", ["book_database", "v1_book"])
def test_the_plan_fits_a_terminal(database: str, arguments: tuple[str, ...], request: pytest.FixtureRequest):
    """Both directions are readable on 80 columns, with each revision, its locks, and what it all amounts to."""
    url, target = request.getfixturevalue(database), "head" if database == "book_database" else "v0"
    result = plan(url, "--to", target, *arguments)
    assert result.exit_code == 0, result.output
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    for revision in chain()[0 if target == "head" else 1 :]:
        assert f"{revision} ({'up' if target == 'head' else 'down'})" in result.stdout
    assert "ACCESS EXCLUSIVE" in result.stdout
    assert "writers  kept out of one table at a time" in result.stdout
    # Steps of one kind are one line: 800 steps and more are no reading.
    assert arguments or len(result.stdout.splitlines()) < 230


def test_a_plan_changes_nothing(book_database: URL):
    """A plan leaves no schema ops, no object and no row behind: it is made on databases that nobody decided to migrate yet."""
    before = dump(book_database), rows(book_database, "SELECT nspname FROM pg_namespace ORDER BY 1")
    assert plan(book_database).exit_code == 0
    assert before == (dump(book_database), rows(book_database, "SELECT nspname FROM pg_namespace ORDER BY 1"))


def test_a_plan_can_not_write(book_database: URL, monkeypatch: pytest.MonkeyPatch):
    """Should a question ever try to write, the server refuses: the session is read-only."""
    upgrade(book_database, "v0")
    monkeypatch.setattr("rently_db.operations.plan.planner.sizes", lambda connection: connection.exec_driver_sql("CREATE TABLE t ()"))
    with pytest.raises(Exception, match="read-only transaction"):
        make_plan(book_database)


def test_the_json_says_everything(book_database: URL):
    """The JSON's shape is what --help says, and its totals are the sums of its steps."""
    found = as_json(book_database)
    assert (found["current"], found["target"], found["direction"]) == (None, HEAD, "up")
    assert [revision["revision"] for revision in found["revisions"]] == chain()
    assert found["lock_budget_seconds"] == 1
    steps = [step for revision in found["revisions"] for step in revision["steps"]]
    left = [step for step in steps if step["state"] == "to do"]
    assert found["totals"]["steps_left"] == len(left)
    assert found["totals"]["moments_that_block_writers"] == sum(step["blocks"] is not None for step in left) > 100
    assert found["totals"]["disk_bytes"]["high"] == pytest.approx(sum(step["disk_bytes"]["high"] for step in left), rel=0.01)
    step = next(step for step in left if step["title"] == "columns payment")
    assert step["locks"] == [{"mode": "ACCESS EXCLUSIVE", "relation": "payment"}]
    assert step["blocks"] == "readers"
    derived = next(step for step in left if step["title"] == "derive-loan-created_at")
    assert derived["rows"]["likely"] == rows(book_database, "SELECT count(*) FROM loan")[0][0]
    assert derived["reads_bytes"] == rows(book_database, "SELECT pg_table_size('loan')")[0][0]
    assert derived["seconds"]["low"] < derived["seconds"]["high"]


def test_the_way_is_found_from_where_the_database_is(v1_book: URL):
    """A v1 database plans its way back with --to v0, has nothing to do for head, and of half the way only half is planned."""
    assert [r["revision"] for r in as_json(v1_book, "--to", "v0")["revisions"]] == chain()[:0:-1]
    assert as_json(v1_book)["revisions"] == []
    assert "rently_test" in plan(v1_book).stdout
    assert "nothing to do" in plan(v1_book).stdout
    assert [r["revision"] for r in as_json(v1_book, "--to", "v1_backfill")["revisions"]] == chain()[:3:-1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--to", "v9"), "'v9' is no revision; there are v0,"),
        (("--rehearsed", "mysql://a@b/c"), "the option --rehearsed is mysql"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, empty_database: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A revision or URL that does not exist is one sentence and exit code 2."""
    monkeypatch.setattr("sys.argv", ["rently-db", "plan", plain(empty_database), *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert sentence in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DROP TABLE fx_rate CASCADE", "the database is no v0: .*fx_rate"),
        ("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE stranger (id int)", "none of them Rently's"),
    ],
)
def test_a_database_that_is_no_v0_is_refused(change: str, sentence: str, book_database: URL):
    """Nobody gets a plan for a database that the migration would refuse."""
    run_sql(book_database, change)
    with pytest.raises(CommandError, match=sentence):
        make_plan(book_database)


def test_an_empty_database_has_a_plan(empty_database: URL):
    """A new installation is planned as well: all steps, no rows."""
    totals = make_plan(empty_database).totals
    assert totals.steps > 700
    assert totals.rows == 0


def test_who_is_in_the_way_is_named(book_database: URL):
    """A session that locks a table, one that holds a snapshot: each is named with the steps it would hold up, and only with those."""
    locker = psycopg2.connect(plain(book_database), application_name="night job")
    reader = psycopg2.connect(plain(book_database), application_name="old report")
    try:
        with locker.cursor() as cursor:
            cursor.execute("LOCK TABLE payment IN ACCESS EXCLUSIVE MODE")
        with reader.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM loan")
        found = make_plan(book_database)
        pids = locker.info.backend_pid, reader.info.backend_pid
    finally:
        locker.close()
        reader.close()
    waits = {step.title: " ".join(step.waits_for) for step in found.steps()}
    assert f"ACCESS EXCLUSIVE payment: process {pids[0]} (night job" in waits["columns payment"]
    assert "night job" in waits["validate payment"]
    assert "night job" not in waits["columns loan"]
    assert f"ACCESS SHARE loan: process {pids[1]} (old report" in waits["columns loan"]
    # A validation is in no reader's way; a concurrent build, on whichever table, waits for every snapshot taken before it.
    assert waits["validate loan"] == ""
    assert "a snapshot: process" in waits["index ix_party_obligor_group_id"]
    assert "old report" in waits["index ix_party_obligor_group_id"]


def test_a_run_that_was_stopped_is_gone_on_from(book_database: URL, monkeypatch: pytest.MonkeyPatch):
    """After a stop the plan says which steps are done, which one was begun, and plans the rest alone."""
    upgrade(book_database, "v1_bridges")
    run = Runner._run

    def stopped(self: Runner, action: Action) -> None:
        if action.title == "derive-loan-created_at":
            raise psycopg2.errors.QueryCanceled("stopped")
        run(self, action)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "_run", stopped)
        with pytest.raises(CommandError):
            upgrade(book_database)
    first = make_plan(book_database).revisions[0]
    states = {step.title: step.state for step in first.steps}
    assert first.revision == "v1_backfill"
    assert states["repair-party: find"] is StepState.DONE
    assert states["derive-loan-created_at"] is StepState.BEGUN
    assert states["status-history"] is StepState.TO_DO
    assert [step.title for step in first.steps if step.open and step.title.startswith(("repair", "duplicates"))] == []
    # The other way: what was begun is taken back first.
    assert [revision.revision for revision in make_plan(book_database, "v0").revisions][:2] == ["v1_backfill", "v1_bridges"]


def test_durations_come_from_a_rehearsal(databases: Databases, book_database: URL):
    """With a rehearsed copy each step's range holds what the step took there, scaled by the table's rows here."""
    with databases.database(template=str(book_database.database)) as copy:
        with pytest.raises(CommandError, match="holds no record of a migration"):
            make_plan(book_database, rehearsed=copy)
        upgrade(copy)
        run_sql(copy, "UPDATE ops.migration_step SET seconds = 100 WHERE step = 'validate loan'", "ANALYZE")
        found = make_plan(book_database, rehearsed=copy)
    (step,) = (step for step in found.steps() if step.title == "validate loan")
    assert step.cost.basis == "rehearsed"
    assert step.cost.seconds.low < 100 < step.cost.seconds.high < 200
    assert "rehearsed copy" in found.basis


def test_an_earlier_run_tells_how_quick_the_server_is(v1_book: URL):
    """At v1 the record of the upgrade calibrates the way back: were its steps slower, so will these be."""
    run_sql(v1_book, "UPDATE ops.migration_step SET seconds = 1 WHERE mode IN ('concurrent', 'validate')")
    before = make_plan(v1_book, "v0")
    run_sql(v1_book, "UPDATE ops.migration_step SET seconds = 50 WHERE mode IN ('concurrent', 'validate')")
    after = make_plan(v1_book, "v0")
    assert "in an earlier run" in after.basis
    # Both plans probe the server as well, which others use.
    assert after.totals.seconds.high > 5 * before.totals.seconds.high


def test_big_tables_are_sampled(book_database: URL, monkeypatch: pytest.MonkeyPatch):
    """Of a table too big to be read for a plan a few pages are, and the range that this gives holds the truth."""
    run_sql(
        book_database,
        "INSERT INTO party (id, kind, display_name, email)"
        " SELECT md5(i::text)::uuid, 'individual', 'n', CASE WHEN i % 5 = 0 THEN 'A@B.SG' END FROM generate_series(1, 20000) AS i",
        "ANALYZE",
    )
    monkeypatch.setattr(counting, "_SAMPLE_PAGES", 20)
    monkeypatch.setattr(counting, "_WHOLE_SECONDS", 0.0)
    (step,) = (step for step in make_plan(book_database).steps() if step.title == "repair-party" and step.mode is Mode.BATCH)
    assert step.rows is not None
    assert step.rows.source is Source.SAMPLED
    assert step.rows.likely == pytest.approx(4000, rel=0.3)
    assert (step.rows.most or 0) >= 4000


def test_what_a_rollback_set_aside_counts_on_the_way_up_again(v1_book: URL):
    """A table that a rollback kept comes back with its rows: its exclusion constraint is no longer built on an empty table."""
    history = "exclusion loan_status_history_no_overlap"
    run_sql(v1_book, "ANALYZE loan_status_history")
    downgrade(v1_book)
    (again,) = (step for step in make_plan(v1_book).steps() if step.title == history)
    assert again.cost.disk.high >= 120 * rows(v1_book, "SELECT count(*) FROM rently_v1_kept.loan_status_history")[0][0] > 0


def test_a_rollback_counts_what_it_gives_back(v1_book: URL):
    """The rows that the way back will touch are counted in the journal and in v1's columns."""
    run_sql(v1_book, "UPDATE party SET obligor_group_id = (SELECT min(id::text)::uuid FROM party)")
    steps = {step.title: step for step in make_plan(v1_book, "v0").steps()}
    kept, given = steps["keep-party"].rows, steps["give-back-party"].rows
    assert kept is not None
    assert given is not None
    assert (kept.likely, kept.source) == (rows(v1_book, "SELECT count(*) FROM party")[0][0], Source.COUNTED)
    assert (given.likely, given.source) == (
        rows(v1_book, "SELECT count(*) FROM ops.row_journal WHERE kind = 'repair' AND table_name = 'party' AND state = 'open'")[0][0],
        Source.JOURNAL,
    )
    downgrade(v1_book)
    assert [step.title for step in make_plan(v1_book, "v0").steps()] == []


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0, 0.4, "< 1 s"), (0.01, 9.7, "0-9.7 s"), (16, 100, "16-100 s"), (95, 540, "1.6-9.0 min"), (4000, 15000, "1.1-4.2 h")],
)
def test_durations_are_ranges(low: float, high: float, words: str):
    """A duration is a range, in the unit of its upper end."""
    assert seconds(Span(low, high)) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0, 90_000, ""), (1.1e8, 2.4e8, "105-229 MB"), (2.0e8, 2.0e8, "191 MB"), (3e8, 5e9, "0.3-4.7 GB"), (2**50, 2**50, "1024 TB")],
)
def test_sizes_are_ranges(low: float, high: float, words: str):
    """Bytes are a range in the unit of its upper end, and left out where they don't matter."""
    assert readable_range(Span(low, high)) == words
