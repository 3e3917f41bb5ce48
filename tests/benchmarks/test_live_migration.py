"""The benchmark measures what it says: the same changes in both runs, and the waits that the migration is to blame for."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL

from benchmarks.command import PAGE
from benchmarks.live_migration import offline
from benchmarks.live_migration.client import Record
from benchmarks.live_migration.figures import percentile, service, waits
from benchmarks.live_migration.live import Load, Period
from benchmarks.live_migration.report import current_page
from benchmarks.live_migration.result import Result, Way, read_result
from benchmarks.live_migration.watch import Wait, Watch, _culprit
from benchmarks.places import Machine
from rently_db.migrate.actions import Action, Batch, Mode
from tests.support.looks import v1_content
from tests.support.migrations import connect, dump, upgrade, v0_content

PERIOD = Period(begin=100.0, end=110.0, wal_bytes=0)


def test_offline_and_live_make_the_same_changes(book_database: URL, v1_book: URL):
    """Without precautions the same schema and the same rows come out, up and down: the times may be compared."""
    before = dump(book_database), v0_content(book_database)
    upgrade(book_database, "v0")
    with closing(connect(book_database)) as connection:
        offline.run(connection, "up")
        assert dump(book_database) == dump(v1_book)
        assert v1_content(book_database) == v1_content(v1_book)
        offline.run(connection, "down")
    assert (dump(book_database), v0_content(book_database)) == before


def test_offline_takes_no_precaution():
    """No index is built concurrently, no rule is added unproven, nothing is done in batches; and no revision is left out."""
    for direction in ("up", "down"):
        work = offline.revisions(direction)
        assert {"v1_expand", "v1_backfill", "v1_validate", "v1"} <= {name for name, _ in work}
        plain = [made for _, actions in work for action in actions if (made := offline.plain(action))]
        # What v1_ops keeps as text or advises takes all of them: the script of the way back, rules' mends, advice on indexes.
        texts = ("INSERT INTO ops.rollback_script", "CREATE VIEW", "CREATE OR REPLACE FUNCTION")
        statements = "\n".join(sql for made in plain for sql in made.statements if not sql.startswith(texts))
        for precaution in (" NOT VALID,", " NOT VALID\n", "|| ' NOT VALID'", "VALIDATE CONSTRAINT", "INDEX CONCURRENTLY", ":low", ":slice"):
            assert precaution not in statements, precaution
        assert "SET NOT NULL" in statements or direction == "down"
        assert [made.title for made in plain if made.title.startswith("account ")] == []


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Action("x", ("SELECT 1",), mode=Mode.CONCURRENT), "neither builds nor drops an index"),
        (Action("x", ("SELECT 1",), mode=Mode.VALIDATE), "validates nothing"),
        (Action("x", ("SELECT 1",), mode=Mode.BATCH), "holds a batch and nothing else"),
        (Action("x", batch=Batch("loan", "SELECT 1")), "holds a batch"),
        (Action("x", ("SELECT 1",), mode="telepathy"), "how is the mode telepathy done offline"),  # type: ignore[arg-type]
    ],
)
def test_an_unknown_kind_of_action_stops_the_benchmark(action: Action, said: str):
    """What the benchmark can't turn into plain SQL is not left out silently: the offline run would look faster than it is."""
    with pytest.raises(offline.OfflineError, match=said):
        offline.plain(action)


def _record() -> Record:
    record = Record("v0", pid=1)
    record.statements = [("read", 100.0 + number / 100, 5.0) for number in range(998)]
    record.statements += [("slow", 103.0, 1500.0), ("waits", 106.0, 400.0), ("before", 90.0, 9_000.0)]
    record.things = [("read_loan", 100.0, 100.1, None), ("take_payment", 104.0, 105.5, "OperationalError: no")]
    record.prepared_again = [101.0, 99.0]
    return record


def test_statements_are_judged_by_the_period_they_ran_in():
    """Slow and failed statements count against the availability, those of another period don't."""
    served = service([_record()], PERIOD)
    assert (served.statements, served.failures, served.prepared_again, served.over_budget) == (1000, 1, 1, 1)
    assert (served.max_ms, served.slowest, served.latest_ms) == (1500.0, "slow", 1500.0)
    assert served.availability == pytest.approx(0.998)
    # Of the nine full seconds two saw the slow statement, one the failure.
    assert served.windows == pytest.approx(6 / 9)


def test_a_wait_is_as_long_as_its_client_felt_it():
    """The server says which statement waited for the migration, the client how long it took; strangers' waits don't count."""
    seen = Watch([Wait(1, 106.1, 106.3, "LOCK TABLE loan"), Wait(99, 107.0, 109.0, "LOCK TABLE party")], gaps=[0.03] * 99 + [0.2])
    felt = waits([_record()], seen)
    assert (felt.statements, felt.longest_ms, felt.behind, felt.gap_p99_ms, felt.gap_max_ms) == (1, 400.0, "LOCK TABLE loan", 30.0, 200.0)


def test_who_is_to_blame_for_a_wait():
    """Also one that waits for another client which itself waits for the migration; not one that waits for clients alone."""
    blockers = {1: [2], 2: [7], 3: [4], 4: [3]}
    assert _culprit(1, blockers, {7}) == 7
    assert _culprit(3, blockers, {7}) is None


def test_percentiles():
    """The smallest value that so many of the values do not exceed."""
    assert [percentile([1, 2, 3, 4], share) for share in (0.5, 0.75, 0.99)] == [2, 3, 4]
    assert percentile([], 0.5) == 0


def _result(**changes: object) -> Result:
    served = service([_record()], Period(100.0, 102.0, 0))
    way = Way(10.0, 15.0, 1.0, 1.5, 10.0, 12.0, {"v1": 10.0})
    result = Result(
        loans=50_000,
        rows=5,
        taken_at="2026-11-22 22:00 UTC",
        machine=Machine("a processor", 2, 8.0, "Linux", "3.11", 0.5, {"server_version": "18"}),
        load=Load(),
        size_mb={"v0": 1.0},
        up=way,
        down=way,
        periods=dict.fromkeys(("control", "upgrade", "head", "downgrade"), served),
        waits=waits([], Watch()),
        lock_retries=0,
        lost=[],
        same={"schema": True},
    )
    return replace(result, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, []),
        ({"lost": ["payment 1: missing"]}, ["nothing committed is lost or changed"]),
        ({"same": {"schema": False}}, ["both runs make the same changes"]),
        ({"up": Way(10.0, 31.0, 1.0, 3.1, 1.0, 1.0, {})}, ["at most 2 times as long as offline (from 50,000 loans on)"]),
        ({"up": Way(10.0, 31.0, 1.0, 3.1, 1.0, 1.0, {}), "loans": 5_000}, []),
    ],
)
def test_a_broken_promise_is_said(changes: dict[str, object], broken: list[str]):
    """Each promise of the project is judged by the figures, and none passes because nobody looked."""
    assert [promise.promise for promise in _result(**changes).promises() if promise.held is False] == broken


def test_failures_and_waits_break_promises():
    """A failed statement, a long wait and a poor availability are three broken promises."""
    poor = service([_record()], PERIOD)
    periods = dict.fromkeys(("control", "upgrade", "head", "downgrade"), poor)
    long = waits([_record()], Watch([Wait(1, 103.5, 104.0, "LOCK TABLE loan")]))
    broken = [promise.promise for promise in _result(periods=periods, waits=long).promises() if promise.held is False]
    assert [promise.split()[0] for promise in broken] == ["no", "longest", "availability"]


def test_a_result_is_read_as_it_was_written(tmp_path: Path):
    """The page is written from the JSON that a run kept."""
    (tmp_path / "result.json").write_text(_result().as_json())
    assert read_result(tmp_path / "result.json") == _result()


def test_the_page_of_benchmarks_is_current():
    """docs/benchmarks.md shows the runs that are kept in benchmarks/results, and no figure that nobody measured."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == current_page(text), "run python -m benchmarks.live_migration --write-docs"
