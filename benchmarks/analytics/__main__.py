"""``python -m benchmarks.analytics``: see docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from rich.console import Console
from sqlalchemy.exc import ArgumentError

from benchmarks.analytics import readings, upkeep
from benchmarks.analytics.freshness import freshness
from benchmarks.analytics.payments import write_cost
from benchmarks.analytics.report import PAGE, RESULTS, current_page, print_result
from benchmarks.analytics.result import Fill, Result
from benchmarks.live_migration.deploy import DeployError, alembic
from benchmarks.live_migration.places import Place, machine, megabytes, place, row_count, scalar, write_book
from rently_db.migrate.actions import identifier
from rently_db.server import ServerError
from rently_db.synth import SynthError, SynthOptions

DAY = SynthOptions(loans=1).business_date
"""The last day of the synthetic book, and so the business date of all figures."""
WORKER = ("rently_db", "run-due")
"""The worker as operators run it: a module and its arguments."""
_BEFORE, _REVISION = "v1", "v1_analytics"
_STEPS = """
SELECT step, seconds::float8 FROM ops.migration_step
WHERE revision = %s AND direction = 'up' ORDER BY seconds DESC, step LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: runs of each reading, loans in the backlog, rounds of payments and their seconds, the load and its seconds."""

    runs: int = 20
    backlog: int = 20_000
    rounds: int = 3
    round_s: float = 10.0
    rate: float = 100.0
    load_s: float = 60.0


_EXTENT = Extent()


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analytics", description=run.__doc__)
    parser.add_argument("--loans", type=int, default=5_000, help="size of the book (5,000); 50,000 loans are about 5 million rows")
    parser.add_argument("--url", help="a server on which databases may be created; default: one of its own")
    parser.add_argument("--json", type=Path, help="write the result to this file as well")
    parser.add_argument("--keep", action="store_true", help=f"keep the result in {RESULTS.name}/ and bring docs/benchmarks.md up to date")
    parser.add_argument("--write-docs", action="store_true", help="only bring docs/benchmarks.md up to date with the kept results")
    parser.add_argument("--runs", type=int, default=_EXTENT.runs, help="runs of each reading (20)")
    parser.add_argument("--rate", type=float, default=_EXTENT.rate, help="payments a second under load (100)")
    parser.add_argument("--load", type=float, default=_EXTENT.load_s, help="seconds under load (60)")
    return parser.parse_args(given)


def run(where: Place, loans: int, extent: Extent, worker: Sequence[str], say: Callable[[str], None]) -> Result:
    """Migrate a synthetic book, refresh, read every view, work off a backlog, take payments with and without the queue, and under load."""
    say(f"writing a book of {loans:,} loans")
    write_book(where, "book", loans)
    with closing(where.connect("book")) as connection:
        facts, rows, sizes = machine(connection), row_count(connection), {"v0": megabytes(connection)}
        database = identifier(str(scalar(connection, "SELECT current_database()")))
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {database} SET rently.business_date = '{DAY}'")
    say("alembic upgrade head")
    fill = _migrate(where)
    with closing(where.connect("book")) as connection:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
        sizes[_REVISION] = megabytes(connection)
        say("refreshing the materialized views")
        # First: a view may take what a logged refresh has kept, and work it out itself before the first one.
        each, together = upkeep.refreshes(connection), upkeep.refresh_all(connection)
        say("reading the views")
        read, plans = readings.measure(connection, _a_loan(connection), extent.runs, say)
        say("working off a backlog")
        backlog = upkeep.backlog(connection, min(extent.backlog, loans))
        say("payments with and without the queue")
        cost = write_cost(where, "book", DAY, seconds=extent.round_s, rounds=extent.rounds)
        upkeep.work_off(connection)
        say(f"{extent.rate:g} payments a second for {extent.load_s:.0f} s")
        fresh = freshness(where, "book", DAY, rate=extent.rate, seconds=extent.load_s, command=worker)
    return Result(
        loans=loans,
        rows=rows,
        business_date=str(DAY),
        taken_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=facts,
        size_mb=sizes,
        fill=fill,
        readings=read,
        plans=plans,
        refreshes=each,
        refresh_all_s=together,
        backlog=backlog,
        write_cost=cost,
        freshness=fresh,
    )


def _migrate(where: Place) -> Fill:
    with tempfile.TemporaryDirectory() as folder:
        before = alembic(where, "book", Path(folder), "upgrade", _BEFORE)
        took = alembic(where, "book", Path(folder), "upgrade", "head")
    with closing(where.connect("book")) as connection, connection.cursor() as cursor:
        cursor.execute(_STEPS, (_REVISION,))
        return Fill(before.seconds, took.seconds, {str(step): round(float(seconds), 2) for step, seconds in cursor.fetchall()})


def _a_loan(connection: psycopg2.extensions.connection) -> str:
    """A loan with arrears, so that every view of loans has something to say of it."""
    return str(scalar(connection, "SELECT s.loan_id::text FROM analytics.loan_state AS s ORDER BY s.arrears DESC, s.loan_id LIMIT 1"))


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print, write; 0 if every aim is met, 1 if one is missed, 2 if nothing could be measured."""
    arguments = _arguments(given)
    console = Console(stderr=True)
    if arguments.write_docs:
        PAGE.write_text(current_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        return 0
    extent = Extent(runs=arguments.runs, rate=arguments.rate, load_s=arguments.load)
    try:
        with place(arguments.url) as where:
            result = run(where, arguments.loans, extent, WORKER, lambda line: console.print(line, highlight=False, markup=False))
    except (upkeep.BenchmarkError, DeployError, SynthError, ServerError, psycopg2.Error, ArgumentError) as problem:
        console.print(f"analytics: {problem}", style="red", markup=False)
        return 2
    print_result(result, Console())
    if arguments.json:
        arguments.json.write_text(result.as_json(), encoding="utf-8")
    if arguments.keep:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"analytics-{arguments.loans}.json").write_text(result.as_json(), encoding="utf-8")
        PAGE.write_text(current_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0 if all(aim.held for aim in result.aims()) else 1


if __name__ == "__main__":
    sys.exit(main())
