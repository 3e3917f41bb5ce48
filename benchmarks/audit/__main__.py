"""``python -m benchmarks.audit``: see docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from rich.console import Console
from sqlalchemy.exc import ArgumentError

from benchmarks.analytics.upkeep import BenchmarkError
from benchmarks.audit import cost
from benchmarks.audit.report import PAGE, RESULTS, Result, current_page, print_result
from benchmarks.live_migration.deploy import DeployError, alembic
from benchmarks.live_migration.places import Place, machine, place, scalar, write_book
from rently_db.migrate.actions import identifier
from rently_db.server import ServerError
from rently_db.synth import SynthError, SynthOptions

DAY = SynthOptions(loans=1).business_date
"""The last day of the synthetic book, on which the payments come in."""


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=run.__doc__)
    parser.add_argument("--loans", type=int, default=5_000, help="size of the book (5,000)")
    parser.add_argument("--url", help="a server on which databases may be created; default: one of its own")
    parser.add_argument("--rounds", type=int, default=3, help="turns with the audit and without (3)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a turn (10)")
    parser.add_argument("--beside", default="", help="what else the machine does meanwhile, for the record")
    parser.add_argument("--keep", action="store_true", help=f"keep the result in {RESULTS.name}/ and bring docs/benchmarks.md up to date")
    parser.add_argument("--write-docs", action="store_true", help="only bring docs/benchmarks.md up to date with the kept results")
    return parser.parse_args(given)


def run(where: Place, loans: int, *, seconds: float, rounds: int, beside: str, say: Callable[[str], None]) -> Result:
    """Migrate a synthetic book; take payments and change telephone numbers with the triggers of the audit and without them, in turns."""
    say(f"writing a book of {loans:,} loans")
    write_book(where, "book", loans)
    with closing(where.connect("book")) as connection:
        facts = machine(connection)
        database = identifier(str(scalar(connection, "SELECT current_database()")))
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {database} SET rently.business_date = '{DAY}'")
    say("alembic upgrade head")
    with tempfile.TemporaryDirectory() as folder:
        alembic(where, "book", Path(folder), "upgrade", "head")
    with closing(where.connect("book")) as connection, connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        triggers = len(cost.audit_triggers(connection))
    say("payments with and without the audit")
    payments = cost.payments(where, "book", DAY, seconds=seconds, rounds=rounds)
    say("updates with and without the audit")
    updates = cost.updates(where, "book", seconds=seconds, rounds=rounds)
    taken_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Result(loans, taken_at, facts, triggers, payments, updates, beside)


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print, write; 0, or 1 if a write failed, 2 if nothing could be measured."""
    arguments = _arguments(given)
    console = Console(stderr=True)
    if arguments.write_docs:
        PAGE.write_text(current_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        return 0

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False)

    try:
        with place(arguments.url) as where:
            result = run(where, arguments.loans, seconds=arguments.seconds, rounds=arguments.rounds, beside=arguments.beside, say=say)
    except (BenchmarkError, DeployError, SynthError, ServerError, psycopg2.Error, ArgumentError) as problem:
        console.print(f"audit: {problem}", style="red", markup=False)
        return 2
    print_result(result, Console())
    if arguments.keep:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"audit-{arguments.loans}.json").write_text(result.as_json(), encoding="utf-8")
        PAGE.write_text(current_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
