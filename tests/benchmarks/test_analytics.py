"""The benchmark of the analytics measures what it says: every view, the worker, the price of the queue, the age of the figures."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from benchmarks.analytics.__main__ import WORKER, Extent, run
from benchmarks.analytics.freshness import Freshness, freshness
from benchmarks.analytics.payments import Service, WriteCost, queue_triggers, write_cost
from benchmarks.analytics.readings import DASHBOARD_MS, OTHER_MS, Reading, queries, views, worst
from benchmarks.analytics.report import current_page
from benchmarks.analytics.result import Fill, Result, read_result
from benchmarks.analytics.upkeep import Backlog, backlog, refresh_all, work_off
from benchmarks.command import PAGE, BenchmarkError
from benchmarks.places import Machine, Place, scalar
from rently_db.sql.catalog import load_catalogue

SMALL = Extent(runs=1, backlog=150, rounds=1, round_s=1.0, rate=20.0, load_s=3.0)
TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"
DIFFERENT = """
SELECT count(*)
FROM analytics.compute_loan_state((SELECT array_agg(id) FROM public.loan), NULL) AS c
FULL JOIN analytics.loan_state AS s ON s.loan_id = c.loan_id
WHERE to_jsonb(c) - 'computed_at' IS DISTINCT FROM to_jsonb(s) - 'computed_at'
"""


@pytest.fixture(scope="module")
def measured(place: Place) -> Result:
    """The whole benchmark on a book of 200 loans; its database ``book`` is left as the run leaves it."""
    return run(place, 200, SMALL, WORKER, lambda _line: None)


def test_every_view_that_is_read_from_outside_is_measured(measured: Result):
    """No view escapes its aim because nobody read it; a view of loans is read as a list and by loan, too."""
    ways: dict[str, set[str]] = {}
    for reading in measured.readings:
        assert reading.runs == 1, f"{reading.view} ({reading.way}) was not read"
        ways.setdefault(reading.view, set()).add(reading.way)
    assert set(ways) == {entity.name for entity in views()}
    assert all("all" in found for found in ways.values())
    assert ways["v_loan_balance"] == {"all", "page", "one"}
    assert ways["v_executive_summary_dashboard"] == {"all"}
    rows = {(reading.view, reading.way): reading.rows for reading in measured.readings}
    assert (rows["v_loan_balance", "page"], rows["v_loan_balance", "one"]) == (100, 1)
    assert rows["v_loan_balance", "all"] > 100


def test_every_materialized_view_is_refreshed(measured: Result):
    """A refresh that nobody measured could take all night."""
    assert set(measured.refreshes) == {entity.name for entity in load_catalogue() if entity.kind == "matview"}


def test_a_refresh_that_fails_is_no_quick_one(measured: Result, place: Place):
    """A materialized view that can't be refreshed ends the benchmark, instead of making the night look short."""
    with closing(place.connect("book")) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE MATERIALIZED VIEW analytics.mv_keyless AS SELECT 1 AS x")
        try:
            with pytest.raises(BenchmarkError, match="mv_keyless can't be refreshed"):
                refresh_all(connection)
        finally:
            cursor.execute("DROP MATERIALIZED VIEW analytics.mv_keyless")


def test_the_backlog_is_worked_off_once(measured: Result):
    """Each loan that was noted is computed once."""
    assert measured.backlog.loans == 150


def test_payments_are_taken_with_the_queue_and_without(measured: Result):
    """Both sides of the comparison did the same work, and none of it failed."""
    cost = measured.write_cost
    assert cost.triggers == len([entity for entity in load_catalogue() if entity.kind == "trigger" and "analytics." in entity.sql])
    for service in (cost.with_queue, cost.without_queue, measured.freshness.service):
        assert (service.payments > 0, service.failures) == (True, 0)
    assert measured.freshness.samples > 0
    assert measured.freshness.drained_s is not None


def test_the_figures_are_right_after_all_that(measured: Result, place: Place):
    """The benchmark measures an analytics that works: no trigger is left disabled, no note waits, every loan is as computed anew."""
    with closing(place.connect("book")) as connection:
        assert scalar(connection, TRIGGERS) == 0
        assert scalar(connection, "SELECT count(*) FROM analytics.loan_waiting") == 0
        assert scalar(connection, DIFFERENT) == 0


def test_the_database_stands_at_the_business_date_of_the_book(measured: Result, place: Place):
    """On any other day half of the book would be overdue, and the figures those of another business."""
    with closing(place.connect("book")) as connection:
        assert str(scalar(connection, "SELECT DISTINCT business_date FROM analytics.entity_day")) == measured.business_date == "2026-06-30"


def test_without_the_queue_nothing_is_noted(measured: Result, place: Place):
    """The side without the queue really writes no notes; with it, every payment leaves one."""
    with closing(place.connect("book")) as connection:
        work_off(connection)
        triggers = queue_triggers(connection)
        write_cost(place, "book", _day(measured), seconds=0.5, rounds=1)
        assert scalar(connection, "SELECT count(*) > 0 FROM analytics.loan_state_queue")
        assert backlog(connection, 10).loans == 10
        assert queue_triggers(connection) == triggers


def test_a_worker_that_dies_spoils_the_measurement(measured: Result, place: Place):
    """The age of the figures of a dead worker is not reported as that of a working one."""
    with pytest.raises(BenchmarkError, match="ended by itself with code"):
        freshness(place, "book", _day(measured), rate=20, seconds=2, command=("platform",))


def test_without_triggers_there_is_nothing_to_compare(place: Place):
    """A database whose triggers are missing is no cheap one, but a wrong one."""
    place.create("bare")
    with closing(place.connect("bare")) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA analytics")
        with pytest.raises(BenchmarkError, match="no triggers of schema analytics"):
            queue_triggers(connection)


def test_lists_show_what_matters_first(measured: Result, place: Place):
    """The page of a view is what a list shows: the highest days past due on top, not any 100 rows."""
    with closing(place.connect("book")) as connection:
        asked = {(query.entity.name, query.way): query for query in queries(connection, views(), "a loan")}
    assert "ORDER BY current_dpd DESC LIMIT 100" in asked["v_dpd_analysis", "page"].sql
    assert asked["v_dpd_analysis", "one"].sql.endswith("WHERE loan_id = 'a loan'")
    assert (asked["v_dpd_analysis", "page"].aim_ms, asked["v_dpd_analysis", "all"].aim_ms) == (DASHBOARD_MS, OTHER_MS)
    assert asked["v_portfolio_at_risk", "all"].aim_ms == DASHBOARD_MS
    assert asked["v_instalment_status", "all"].aim_ms is None
    assert asked["v_instalment_status", "one"].aim_ms == DASHBOARD_MS


def _day(measured: Result) -> date:
    return date.fromisoformat(measured.business_date)


def _reading(view: str, median: float | None, aim: float | None = OTHER_MS) -> Reading:
    return Reading(view, "T1", "risk", "all", 10, 20, median, median, aim)


def _result(**changes: object) -> Result:
    service = Service(6_000, 60.0, 0, 2.0, 9.0)
    result = Result(
        loans=200_000,
        rows=5,
        business_date="2026-06-30",
        taken_at="2026-11-23 02:00 UTC",
        machine=Machine("a processor", 2, 8.0, "Linux", "3.11", 0.5, {"server_version": "18"}),
        size_mb={"v0": 1.0},
        fill=Fill(100.0, 200.0, {"fill": 150.0}),
        readings=[_reading("v_quick", 100.0, DASHBOARD_MS), _reading("v_other", 2_000.0)],
        plans={},
        refreshes={"mv_a": 1.0},
        refresh_all_s=1.5,
        backlog=Backlog(20_000, 20.0),
        write_cost=WriteCost(9, service, service),
        freshness=Freshness(100.0, service, "rently_db run-due", 300, 3.0, 2.0, 5.0, 9.0, 1.0),
    )
    return replace(result, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({}, []),
        ({"readings": [_reading("v_quick", 301.0, DASHBOARD_MS), _reading("v_other", 1.0)]}, ["what a dashboard reads"]),
        ({"readings": [_reading("v_quick", 1.0, DASHBOARD_MS), _reading("v_other", None)]}, ["everything else"]),
        ({"readings": []}, ["what a dashboard reads", "everything else"]),
    ],
)
def test_a_missed_aim_is_said(changes: dict[str, object], missed: list[str]):
    """A slow view, one that was stopped, and a run that read nothing all count as missed."""
    found = [aim.aim for aim in _result(**changes).aims() if not aim.held]
    assert [aim[: len(start)] for aim, start in zip(found, missed, strict=True)] == missed


@pytest.mark.parametrize(
    "changes",
    [
        {"oldest_s": 61.0},
        {"drained_s": None},
        {"service": Service(3_000, 60.0, 0, 2.0, 9.0)},
    ],
)
def test_old_figures_or_a_load_that_was_not_carried_miss_the_aim(changes: dict[str, object]):
    """Figures over a minute old, a queue that never empties, and half the load do not count as fresh."""
    fresh = replace(_result().freshness, **changes)  # type: ignore[arg-type]
    assert [aim.held for aim in _result(freshness=fresh).aims()] == [True, True, False, True]


def test_the_three_worst_are_explained():
    """Plans are kept of those that miss their aim by most, and of no others."""
    readings = [_reading(f"v_{time}", time) for time in (1.0, 9_000.0, 4_000.0, 5_000.0)] + [_reading("v_never", None)]
    readings.append(_reading("v_without_aim", None, None))
    assert [reading.view for reading in worst(readings)] == ["v_never", "v_9000.0", "v_5000.0"]


def test_the_queue_costs_the_difference_of_medians():
    """What a payment takes longer because of the queue."""
    assert WriteCost(9, Service(1, 1, 0, 2.5, 3), Service(1, 1, 0, 2.0, 3)).cost_ms == pytest.approx(0.5)


def test_a_result_is_read_as_it_was_written(tmp_path: Path):
    """The page is written from the JSON that a run kept."""
    (tmp_path / "result.json").write_text(_result().as_json())
    assert read_result(tmp_path / "result.json") == _result()


def test_a_run_is_shown_with_what_it_missed(measured: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The section of a size names every view, and the plan of what missed its aim."""
    slow = [replace(measured.readings[0], median_ms=9e9, worst_ms=9e9), *measured.readings[1:]]
    (tmp_path / "analytics-200.json").write_text(replace(measured, readings=slow, plans={"v_slow (all)": "Seq Scan"}).as_json())
    monkeypatch.setattr("benchmarks.analytics.report.RESULTS", tmp_path)
    text = current_page(PAGE.read_text(encoding="utf-8"))
    assert "### Analytics, 200 loans" in text
    assert [entity.name for entity in views() if f"| {entity.name} |" not in text] == []
    assert "<summary>Plan of v_slow (all)</summary>" in text
    assert "MISSED" in text


def test_the_page_shows_the_kept_runs():
    """docs/benchmarks.md shows the runs that are kept in benchmarks/results, and no figure that nobody measured."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == current_page(text), "run python -m benchmarks.analytics --write-docs"
