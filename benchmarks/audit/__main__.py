"""``python -m benchmarks.audit``: see docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.audit import cost
from benchmarks.audit.report import Result, current_page, print_result
from benchmarks.command import Say, conduct, options
from benchmarks.deploy import alembic
from benchmarks.places import Place, machine, place, scalar, write_book
from rently_db.migrate.actions import identifier
from rently_db.synth import SynthOptions

DAY = SynthOptions(loans=1).business_date
"""The last day of the synthetic book, on which the payments come in."""


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = options(
        "audit",
        run.__doc__,
        loans=5_000,
        book="size of the book",
    )
    parser.add_argument("--rounds", type=int, default=3, help="turns with the audit and without (3)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a turn (10)")
    parser.add_argument("--beside", default="", help="what else the machine does meanwhile, for the record")
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

    def measure(say: Say) -> Result:
        with place(arguments.url) as where:
            return run(where, arguments.loans, seconds=arguments.seconds, rounds=arguments.rounds, beside=arguments.beside, say=say)

    return conduct("audit", arguments, measure, show=print_result, page=current_page, is_good=lambda result: not result.failures)


if __name__ == "__main__":
    sys.exit(main())
