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

from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from benchmarks.analytics import readings, upkeep
from benchmarks.analytics.freshness import freshness
from benchmarks.analytics.payments import write_cost
from benchmarks.analytics.report import current_page, print_result
from benchmarks.analytics.result import Fill, Result
from benchmarks.command import Say, conduct, options
from benchmarks.deploy import alembic
from benchmarks.places import Place, machine, megabytes, place, row_count, scalar, write_book
from rently_db.migrate.actions import identifier
from rently_db.synth import SynthOptions

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
    parser = options(
        "analytics",
        run.__doc__,
        loans=5_000,
        book="size of the book; 50,000 loans are about 5 million rows",
    )
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


def _a_loan(connection: PgConnection) -> str:
    """A loan with arrears, so that every view of loans has something to say of it."""
    return str(scalar(connection, "SELECT s.loan_id::text FROM analytics.loan_state AS s ORDER BY s.arrears DESC, s.loan_id LIMIT 1"))


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print, write; 0 if every aim is met, 1 if one is missed, 2 if nothing could be measured."""
    arguments = _arguments(given)
    extent = Extent(runs=arguments.runs, rate=arguments.rate, load_s=arguments.load)

    def measure(say: Say) -> Result:
        with place(arguments.url) as where:
            return run(where, arguments.loans, extent, WORKER, say)

    return conduct(
        "analytics", arguments, measure, show=print_result, page=current_page, is_good=lambda result: all(aim.held for aim in result.aims())
    )


if __name__ == "__main__":
    sys.exit(main())
