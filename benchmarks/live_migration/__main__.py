"""``python -m benchmarks.live_migration``: see docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.command import Say, conduct, options
from benchmarks.deploy import alembic
from benchmarks.live_migration import offline
from benchmarks.live_migration.figures import service, waits
from benchmarks.live_migration.live import Live, Load, measure
from benchmarks.live_migration.report import current_page, print_result
from benchmarks.live_migration.result import Result, Way
from benchmarks.places import Place, machine, megabytes, place, repairs, row_count, schema, wal_position, write_book

_LONGEST_CONTROL = 300.0
_LOAD = Load()


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = options(
        "live_migration",
        run.__doc__,
        loans=5_000,
        book="size of the book; 50,000 loans are about 5 million rows",
    )
    parser.add_argument("--rate", type=float, default=_LOAD.v0_rate, help="things a second that the v0 clients do together (40)")
    parser.add_argument("--clients", type=int, default=_LOAD.v0_clients, choices=range(1, 33), metavar="N", help="v0 processes (4)")
    parser.add_argument("--v1-rate", type=float, default=_LOAD.v1_rate, help="the same of the v1 clients (10)")
    parser.add_argument("--v1-clients", type=int, default=_LOAD.v1_clients, choices=range(1, 33), metavar="N", help="v1 processes (2)")
    parser.add_argument("--pause", type=float, default=_LOAD.pause, help="seconds at head (15)")
    parser.add_argument("--control", type=float, help="seconds without migration; default: as long as the offline run took, 20 to 300")
    return parser.parse_args(given)


def run(where: Place, loans: int, load: Load, control: float | None, say: Say) -> Result:
    """Measure a migration and its way back: offline in one go, then live under load, on copies of the same database."""
    say(f"writing a book of {loans:,} loans")
    write_book(where, "book", loans)
    with closing(where.connect("book")) as connection:
        facts, rows, sizes = machine(connection), row_count(connection), {"v0": megabytes(connection)}
    before = schema(where.url("book"))

    where.create("offline", copy_of="book")
    with tempfile.TemporaryDirectory() as folder:
        # Adoption of v0: the live run does it within its time.
        alembic(where, "offline", Path(folder), "upgrade", "v0")
    seconds: dict[str, dict[str, float]] = {}
    written: dict[str, int] = {}
    dumps: dict[str, str] = {}
    mended: dict[str, int] = {}
    with closing(where.connect("offline")) as connection:
        for direction in ("up", "down"):
            say(f"offline: {direction}")
            position = wal_position(connection)
            seconds[direction] = offline.run(connection, direction)
            written[direction] = wal_position(connection) - position
            dumps[direction] = schema(where.url("offline"))
            mended = mended or repairs(connection)
    where.drop("offline")

    total = sum(sum(took.values()) for took in seconds.values())
    load = replace(load, control=control or min(max(total, 20.0), _LONGEST_CONTROL))
    where.create("live", copy_of="book")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(where, "live", load, [name for name, _ in offline.revisions("up")], folder=Path(folder), say=say)
    return Result(
        loans=loans,
        rows=rows,
        taken_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=facts,
        load=load,
        size_mb=sizes | found.size_mb,
        up=_way(seconds["up"], written["up"], found, "upgrade"),
        down=_way(seconds["down"], written["down"], found, "downgrade"),
        periods={name: service(found.records, period) for name, period in found.periods.items()},
        waits=waits(found.records, found.watch),
        lock_retries=found.retries,
        lost=[loss for record in found.records for loss in record.lost],
        same={
            "schema at head": dumps["up"] == found.schema_at_head,
            "repairs": mended == found.repairs,
            "schema of v0": before == dumps["down"] == schema(where.url("live")),
        },
    )


def _way(revisions: dict[str, float], written: int, found: Live, period: str) -> Way:
    alone, commands = sum(revisions.values()), found.up if period == "upgrade" else found.down
    live = sum(command.seconds for command in commands)
    return Way(
        offline_seconds=round(alone, 2),
        live_seconds=round(live, 2),
        checks_seconds=round(sum(command.checks for command in commands), 2),
        ratio=round(live / alone, 3),
        offline_wal_mb=round(written / 2**20, 1),
        live_wal_mb=round(found.periods[period].wal_bytes / 2**20, 1),
        offline_revisions=revisions,
    )


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print, write; 0 if every promise holds, 1 if one is broken, 2 if nothing could be measured."""
    arguments = _arguments(given)
    load = Load(arguments.clients, arguments.rate, arguments.v1_clients, arguments.v1_rate, pause=arguments.pause)

    def measured(say: Say) -> Result:
        with place(arguments.url) as where:
            return run(where, arguments.loans, load, arguments.control, say)

    return conduct(
        "live_migration",
        arguments,
        measured,
        show=print_result,
        page=current_page,
        is_good=lambda result: all(promise.held is not False for promise in result.promises()),
    )


if __name__ == "__main__":
    sys.exit(main())
