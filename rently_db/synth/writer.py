"""Writes the book into a database: one transaction, one chunk of loans in memory at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from rently_db.migrate.baseline import BASELINE, create_baseline_sql
from rently_db.synth.book import plan_book
from rently_db.synth.defects import plant
from rently_db.synth.options import PlantedDefect, SynthError, SynthOptions, SynthReport
from rently_db.synth.records import Block, LoanWriter
from rently_db.synth.reference import write_reference
from rently_db.synth.rows import Sink

_IDLE = 0
"""libpq's PQTRANS_IDLE: connected, and in no transaction."""


class Connection(Protocol):
    """What is used of a psycopg2 connection."""

    autocommit: bool

    @property
    def info(self) -> Any:
        """Facts about the connection."""

    def cursor(self) -> Any:
        """A new cursor."""

    def commit(self) -> None:
        """Commit the transaction."""

    def rollback(self) -> None:
        """Roll the transaction back."""


def write_v0(
    connection: Connection,
    options: SynthOptions,
    *,
    progress: Callable[[int], None] | None = None,
    chunk_loans: int = 500,
) -> SynthReport:
    """Fill an empty v0 database, creating its twenty tables if there are none, and commit; a failed run leaves nothing behind.

    ``connection`` is a psycopg2 connection in no transaction. ``progress`` is told the number of loans written so far.
    ``chunk_loans`` bounds the memory used and has no influence on the data.

    Raises ``SynthError`` if a v0 table holds rows, if only some of the twenty tables exist, or if a transaction is open.
    """
    if connection.info.transaction_status != _IDLE:
        raise SynthError("the connection has an open transaction: commit it or roll it back first")
    started, autocommit = time.monotonic(), connection.autocommit
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            _prepare(cursor)
            rows, planted = _fill(cursor, options, progress, chunk_loans)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.autocommit = autocommit
    return SynthReport(rows, planted, time.monotonic() - started)


def _prepare(cursor: Any) -> None:
    """See that the twenty tables exist, are empty, and stay so until the end of the transaction."""
    cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s)", (list(BASELINE),))
    found = {name for (name,) in cursor.fetchall()}
    if not found:
        for statement in create_baseline_sql():
            cursor.execute(statement)
        return
    if missing := sorted(set(BASELINE) - found):
        raise SynthError(f"the database has {len(found)} of the {len(BASELINE)} v0 tables ({missing[0]} is missing): use an empty database")
    # SHARE ROW EXCLUSIVE keeps other writers, and a second run, out without disturbing readers.
    cursor.execute(f"LOCK TABLE {', '.join(f'public.{name}' for name in BASELINE)} IN SHARE ROW EXCLUSIVE MODE")
    filled = []
    for name in BASELINE:
        cursor.execute(f"SELECT EXISTS (SELECT FROM public.{name})")
        if cursor.fetchone()[0]:
            filled.append(name)
    if filled:
        raise SynthError(
            f"the database isn't empty ({', '.join(filled[:3])}{' and others hold' if filled[3:] else ' hold'} rows): use an empty one"
        )


def _fill(
    cursor: Any, options: SynthOptions, progress: Callable[[int], None] | None, chunk_loans: int
) -> tuple[dict[str, int], list[PlantedDefect]]:
    """Copy everything, chunk by chunk, plant the defects, and gather the planner's statistics."""
    sink = Sink()
    world = write_reference(sink, options.seed, options.loans, options.business_date, lambda: sink.flush(cursor))
    writer = LoanWriter(sink, world, options.seed, options.business_date.toordinal())
    done = flushed = 0
    for slots in plan_book(options.seed, options.loans):
        block = Block()
        for slot in slots:
            writer.write(slot, block)
            done += 1
            if done - flushed >= chunk_loans or done == options.loans:
                sink.flush(cursor)
                flushed = done
                if progress:
                    progress(done)
    cursor.execute(f"ANALYZE {', '.join(f'public.{name}' for name in BASELINE)}")
    counts = dict(sink.counts)
    planted = plant(cursor, options)
    for table in {defect.table for defect in planted}:
        cursor.execute(f"SELECT count(*) FROM public.{table}")
        counts[table] = cursor.fetchone()[0]
    return counts, planted
