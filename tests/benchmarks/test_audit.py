"""The benchmark of the audit compares what it says: the same writes with its triggers and without, and what it wrote for them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.analytics.payments import Service
from benchmarks.audit.__main__ import run
from benchmarks.audit.cost import Compared, audit_triggers, updates
from benchmarks.audit.report import Result, current_page, read_result
from benchmarks.command import PAGE, BenchmarkError
from benchmarks.places import Place, scalar
from rently_db.sql.audit_triggers import audit_files

DISABLED = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"


@pytest.fixture(scope="module")
def measured(place: Place) -> Result:
    """The whole benchmark on a book of 100 loans; its database ``book`` is left as the run leaves it."""
    return run(place, 100, seconds=1.0, rounds=1, beside="tests", say=lambda _line: None)


def test_each_write_leaves_its_entries_and_their_bytes(measured: Result) -> None:
    """A payment with two allocations leaves three entries, a changed telephone number one; without the triggers nothing is left."""
    assert measured.triggers == len(list(audit_files()))
    assert measured.failures == 0
    for of, entries in ((measured.payments, 3), (measured.updates, 1)):
        assert of.entries_each == entries
        assert of.bytes_each > 100
        assert min(of.audited.payments, of.unaudited.payments) > 0


def test_the_triggers_are_enabled_again(measured: Result, place: Place) -> None:
    """A benchmark that left a database unaudited would be a hole that nobody sees."""
    with closing(place.connect("book")) as connection:
        assert scalar(connection, DISABLED) == 0


def test_a_comparison_with_triggers_that_are_no_audit_stops(measured: Result, place: Place) -> None:
    """If entries come in though the triggers are off, or there are none to switch, there is nothing to compare."""
    with closing(place.connect("book")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO ops.audit_log (id, changed_at, actor, db_user, transaction_id, table_name, action)"
            " VALUES (public.uuidv7(), now(), 'x', 'x', 1, 'party', 'UPDATE'); RETURN NULL; END $$"
        )
        cursor.execute("CREATE TRIGGER planted AFTER UPDATE ON party FOR EACH STATEMENT EXECUTE FUNCTION public.planted()")
        with pytest.raises(BenchmarkError, match="entries were written with the triggers of the audit disabled"):
            updates(place, "book", seconds=0.2, rounds=1)
        assert scalar(connection, DISABLED) == 0
    place.create("bare")
    with closing(place.connect("bare")) as connection, pytest.raises(BenchmarkError, match="nothing is audited"):
        audit_triggers(connection)


def test_the_price_is_the_difference_and_the_ratio() -> None:
    """What a write takes longer, and how many writes a second are left."""
    of = Compared(Service(400, 10.0, 0, 2.5, 9.0), Service(500, 10.0, 0, 2.0, 9.0), 3.0, 900.0)
    assert (of.cost_ms, of.ratio) == (pytest.approx(0.5), pytest.approx(0.8))


def test_a_result_is_read_as_it_was_written_and_shown(measured: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The section of a size has both comparisons, and says what ran beside."""
    (tmp_path / "audit-100.json").write_text(measured.as_json())
    assert read_result(tmp_path / "audit-100.json") == measured
    monkeypatch.setattr("benchmarks.audit.report.RESULTS", tmp_path)
    text = current_page(PAGE.read_text(encoding="utf-8"))
    assert "### Audit, 100 loans" in text
    assert "Beside it: tests." in text
    for of, name in ((measured.payments, "payments"), (measured.updates, "updates")):
        assert f"| {name} a second | {of.audited.per_second:,.0f} | {of.unaudited.per_second:,.0f} | {of.ratio:.2f} |" in text


def test_the_page_shows_the_kept_runs() -> None:
    """docs/benchmarks.md shows the runs that are kept in benchmarks/results, and no figure that nobody measured."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == current_page(text), "run python -m benchmarks.audit --write-docs"
